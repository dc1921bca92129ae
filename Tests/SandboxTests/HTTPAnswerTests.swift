import Testing

@testable import Sandbox

/// What an app answers to a callback, as bytes.
struct HTTPAnswerTests {
  private func read(_ text: String, isClosed: Bool = false) -> HTTPAnswer {
    HTTPAnswer(Array(text.utf8), isClosed: isClosed)
  }

  private static let hello = HTTPAnswer.complete(status: 200, body: Array("hello".utf8))

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.0 200 OK\r\ncontent-length:5\r\n\r\nhello and more",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
  ])
  func `an answer is complete when its own length is there`(text: String) {
    #expect(read(text) == Self.hello)
  }

  @Test func `an answer without a length ends with its connection`() {
    #expect(read("HTTP/1.1 200 OK\r\n\r\nhello") == .incomplete)
    #expect(read("HTTP/1.1 200 OK\r\n\r\nhello", isClosed: true) == Self.hello)
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
  ])
  func `every beginning of an answer is incomplete, and still is when the connection is closed`(
    text: String
  ) {
    for count in 0..<text.utf8.count {
      let beginning = Array(text.utf8.prefix(count))
      #expect(HTTPAnswer(beginning, isClosed: false) == .incomplete)
      #expect(HTTPAnswer(beginning, isClosed: true) == .incomplete)
    }
  }

  @Test func `a status other than 200 is told`() {
    #expect(
      read("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        == .complete(status: 404, body: []))
  }

  @Test(arguments: [
    "SSH-2.0\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/1.1 -1 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffff\r\n",
  ])
  func `what is not an answer is malformed`(text: String) { #expect(read(text) == .malformed) }
}
