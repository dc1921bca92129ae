import Foundation
import Programs
import Testing

/// What a careless or hostile client may do to the sandbox: other clients are still served.
@Suite(.serialized) struct PressureTests {
  @Test func `two thousand idle connections are held and hold up nobody`() throws {
    let place = try Place()
    allowManyFiles()
    let idle = try (0..<2_000).map { _ in try RawConnection(to: place.port) }
    #expect(try place.isAnswering())
    // The last connection has been accepted too, and is read.
    idle[1_999].send("GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(idle[1_999].answer().hasPrefix("HTTP/1.1 404 "))
    #expect(try place.isAnswering())
  }

  @Test func `clients that send a byte now and then hold up nobody`() throws {
    let place = try Place()
    let loris = try (0..<200).map { _ in try RawConnection(to: place.port) }
    let head = "POST /open-apis/im/v2/url_previews/batch_update HTTP/1.1\r\nHost: x\r\nX: "
    for byte in head {
      for connection in loris { connection.send(String(byte)) }
      #expect(try place.isAnswering())
    }
    for connection in loris { connection.send("\r\nContent-Length: 0\r\n\r\n") }
    #expect(loris.allSatisfy { $0.answer().contains("99991661") })
  }

  @Test func `a body of ten megabytes is refused and the next request served`() throws {
    let place = try Place()
    let connection = try RawConnection(to: place.port)
    let path = "/open-apis/cardkit/v1/cards/c/batch_update"
    connection.send(
      "POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n"
        + String(repeating: "x", count: 10_000_000))
    #expect(connection.answer().hasPrefix("HTTP/1.1 413 "))
    #expect(try place.isAnswering())
    #expect(try place.records().contains { $0.verdict == "too_large" })
  }

  @Test func `a header of a hundred kilobytes is refused and the next request served`() throws {
    let place = try Place()
    let connection = try RawConnection(to: place.port)
    let long = String(repeating: "x", count: 100_000)
    connection.send("GET / HTTP/1.1\r\nHost: x\r\nX: \(long)\r\n\r\n")
    let answer = connection.answer()
    #expect(answer.hasPrefix("HTTP/1.1 431 "))
    let refused = try place.records().filter { $0.verdict == "too_large" }
    #expect(refused.map(\.status) == [431] && refused.map(\.path) == ["/"])
    #expect(refused.allSatisfy { answer.contains("X-Tt-Logid: \($0.log_id)\r\n") })
    #expect(try place.isAnswering())
  }

  @Test func `a header that the HTTP library refuses by itself does no harm`() throws {
    let place = try Place()
    let connection = try RawConnection(to: place.port)
    let long = String(repeating: "x", count: 300_000)
    connection.send("GET / HTTP/1.1\r\nHost: x\r\nX: \(long)\r\n\r\n")
    #expect(!connection.answer().contains(" 200 "))
    #expect(try place.isAnswering())
  }

  @Test(arguments: [
    "\u{0}\u{1}\u{2}", "GET\r\n\r\n", "POST / HTTP/9.9\r\n\r\n",
    "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  ])
  func `what is no HTTP does no harm`(bytes: String) throws {
    let place = try Place()
    let connection = try RawConnection(to: place.port)
    connection.send(bytes)
    #expect(try place.isAnswering())
  }
}

extension Place {
  /// Where the sandbox listens.
  var port: UInt16 {
    environment["LARKSPUR_BASE_URL"].flatMap { $0.split(separator: ":").last }.flatMap {
      UInt16($0)
    }
      ?? 0
  }

  /// Asks on a connection of its own.
  fileprivate func isAnswering() throws -> Bool {
    let connection = try RawConnection(to: port)
    connection.send("GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    return connection.answer().hasPrefix("HTTP/1.1 404 ")
  }
}

private func allowManyFiles() {
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  limit.rlim_cur = limit.rlim_max
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}

/// A socket that sends and receives raw bytes.
final class RawConnection {
  struct Refused: Error { let message: String }

  private let descriptor: Int32

  init(to port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    // A time limit for a broken sandbox. A working one answers within about a millisecond.
    var patience = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(
      descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if connected != 0 { throw Refused(message: String(cString: strerror(errno))) }
  }

  deinit { close(descriptor) }

  /// Sends as much as the other side takes.
  func send(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes {
        Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if sent <= 0 { return }
      rest = rest.dropFirst(sent)
    }
  }

  /// Everything until the other side closes the connection.
  func whole() -> String {
    var all: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &piece, piece.count, 0)
      if count <= 0 { return String(decoding: all, as: UTF8.self) }
      all += piece.prefix(count)
    }
  }

  /// The first bytes that come back; none if the connection is closed or the time is up.
  func answer() -> String {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
