import CMicroHTTPD
import FoundationEssentials
import Glibc
import Terminal
import Testing

@testable import Sandbox

/// The server with real sockets, driven on the test's own thread.
final class ServerTests {
  private let record = "\(temporaryFolder)/sandbox-\(UInt64.random(in: 0 ... .max)).jsonl"

  deinit { unlink(record) }

  private func server(
    chances: [Fault: Chance] = [:], latency: Microseconds = 0
  ) throws -> Server {
    var faults = FaultSettings(chances: chances)
    faults.endpoints = [.accessToken]
    faults.latency = latency
    return try Server(
      port: 0, rules: Rules(RuleSettings(), faults: faults, instance: "run-"),
      record: RecordFile(appendingTo: record), instance: "run-")
  }

  private var lines: [String] {
    let bytes = (try? Data(contentsOf: URL(filePath: record))) ?? Data()
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test func `an answer carries its log id, and its line is in the record before it`() throws {
    let server = try server()
    let client = Client(of: server)
    client.send(.login)
    let answer = try client.answer()
    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.contains("X-Tt-Logid: run-1\r\n"))
    #expect(answer.hasSuffix(#""expire":7200}"#))
    let lines = lines
    #expect(lines.count == 1 && lines[0].hasSuffix(#""applied":true,"log_id":"run-1"}"#))
  }

  @Test func `a body above the limit is read to its end and answered`() throws {
    let server = try server()
    let client = Client(of: server)
    client.send(.post(String(repeating: "x", count: Endpoint.accessToken.bodyMax + 1)))
    #expect(try client.answer().hasPrefix("HTTP/1.1 413 "))
    // The connection is still good.
    client.send(.login)
    #expect(try client.answer().hasPrefix("HTTP/1.1 200 "))
    #expect(lines.count == 2)
  }

  @Test func `headers above the limit are refused with a log id and a line in the record`() throws {
    let server = try server()
    let client = Client(of: server)
    for target in ["/", Path.accessToken, "/\(String(repeating: "x", count: 100_000))"] {
      let fill = String(repeating: "x", count: Request.headMax)
      client.send("GET \(target) HTTP/1.1\r\nHost: x\r\nX: \(fill)\r\n\r\n")
      let answer = try client.answer()
      #expect(answer.hasPrefix("HTTP/1.1 431 "))
      #expect(answer.contains("X-Tt-Logid: run-\(server.requests)\r\n"))
    }
    // The connection still works, and just below the limit requests are accepted.
    let rest = Request.headMax - 200
    client.send("GET / HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "x", count: rest))\r\n\r\n")
    #expect(try client.answer().hasPrefix("HTTP/1.1 200 "))
    let lines = lines
    #expect(lines.count == 3 && lines.allSatisfy { $0.contains(#""verdict":"too_large""#) })
  }

  @Test(arguments: [Fault.dropBefore, .dropAfter])
  func `a dropped connection is closed without a byte`(fault: Fault) throws {
    let server = try server(chances: [fault: .always])
    let client = Client(of: server)
    client.send(.login)
    #expect(try client.answer() == "")
    let lines = lines
    #expect(lines.count == 1)
    #expect(lines[0].contains(#""applied":\#(fault == .dropAfter)"#))
  }

  @Test func `half of an answer announces the whole`() throws {
    let server = try server(chances: [.cut: .always])
    let client = Client(of: server)
    client.send(.login)
    let answer = try client.answer()
    #expect(answer.contains("Content-Length: 67\r\n"))
    #expect(answer.hasSuffix(#"{"code":0,"msg":"ok","tenant_acce"#))
  }

  @Test func `an answer that is held back holds up no other`() throws {
    let server = try server(latency: 30_000)
    let slow = Client(of: server)
    let quick = Client(of: server)
    slow.send(.login)
    try server.turn(untilArrivals: 1)
    quick.send("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(try quick.answer().hasPrefix("HTTP/1.1 404 "))
    #expect(try slow.answer().hasPrefix("HTTP/1.1 200 "))
    let lines = lines
    #expect(lines.count == 2 && lines.last?.contains(#""n":1,"#) == true)
  }

  @Test func `a request whose client goes away before the answer is in the record, once`() throws {
    // What libmicrohttpd may do then, depending on when it notices: it ends the request without any
    // other callback.
    let server = try server(latency: 60 * second)
    let exchange = Exchange(
      Request(
        target: Path.accessToken,
        body: Array(#"{"app_id":"cli_sandbox","app_secret":"sandbox"}"#.utf8), logID: ""))
    _ = server.judge(exchange)
    server.end(exchange)
    server.end(exchange)
    let lines = lines
    #expect(lines.count == 1 && lines[0].contains(#""answered_us":null"#))
    #expect(lines.count == 1 && lines[0].contains(#""status":null,"code":null,"verdict":"ok""#))
    #expect(lines.count == 1 && lines[0].contains(#""applied":true"#))
  }

  @Test func `a request that is never answered is in the record at once, and once`() throws {
    let server = try server(chances: [.never: .always])
    let client = Client(of: server)
    client.send(.login)
    try server.turn(untilArrivals: 1)
    try server.stop()
    let lines = lines
    #expect(lines.count == 1 && lines[0].contains(#""answered_us":null"#))
  }

  @Test func `a request that arrives while the sandbox stops is not held back`() throws {
    let server = try server(latency: 60 * second)
    let client = Client(of: server)
    client.send(.login)
    // The first turn accepts the connection, and stopping finds the request.
    try server.turn()
    try server.stop()
    #expect(server.requests == 1 && lines.count == 1)
  }

  @Test func `a record that cannot be written ends the sandbox`() throws {
    var faults = FaultSettings(chances: [.never: .always])
    faults.endpoints = [.accessToken]
    let server = try Server(
      port: 0, rules: Rules(RuleSettings(), faults: faults, instance: ""),
      record: RecordFile(appendingTo: "/dev/full"), instance: "")
    let client = Client(of: server)
    client.send(.login)
    #expect(throws: Failure.self) { try server.turn(untilArrivals: 1) }
  }

  @Test func `the page is neither counted nor recorded, and meets no fault`() throws {
    let server = try server(chances: [.dropBefore: .always], latency: 60 * second)
    let client = Client(of: server)
    for target in ["/", "/?hold"] {
      client.send("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
      let page = try client.answer()
      #expect(page.hasPrefix("HTTP/1.1 200 OK\r\n") && page.hasSuffix("</html>\n"))
      #expect(page.contains("Content-Type: text/html; charset=utf-8\r\n"))
      #expect(page.contains("Cache-Control: no-store\r\n") && page.contains("X-Tt-Logid: run-"))
      #expect(page.contains("Content-Security-Policy: default-src 'none'; "))
      #expect(page.contains("http://127.0.0.1:\(server.port)"))
    }
    #expect(server.requests == 0 && lines.isEmpty)
  }

  @Test func `a HEAD request for the page has the headers alone`() throws {
    let server = try server()
    let client = Client(of: server)
    client.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    let answer = try client.answer()
    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("\r\n\r\n"))
    #expect(server.requests == 0 && lines.isEmpty)
  }

  @Test func `another method on the page is 405 and says which are right`() throws {
    let server = try server()
    let client = Client(of: server)
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
    let answer = try client.answer()
    #expect(answer.hasPrefix("HTTP/1.1 405 ") && answer.contains("Allow: GET, HEAD\r\n"))
    #expect(server.requests == 1 && lines.count == 1)
  }

  @Test func `the page shows what the server was asked`() throws {
    let server = try server()
    let client = Client(of: server)
    client.send(.login)
    _ = try client.answer()
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    let page = try client.answer()
    #expect(page.contains("<dt>requests</dt><dd>1</dd>") && page.contains("an access token"))
    #expect(!page.contains("held back</td>"))
  }

  @Test func `a port that is taken is named with what to do`() throws {
    let server = try server()
    let failure = #expect(throws: Failure.self) {
      _ = try Server(
        port: server.port, rules: Rules(RuleSettings(), instance: ""), record: nil, instance: "")
    }
    #expect(failure?.sentence.contains("choose another port with --port") == true)
  }
}

private let temporaryFolder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"

extension String {
  fileprivate static let login = post(#"{"app_id":"cli_sandbox","app_secret":"sandbox"}"#)

  fileprivate static func post(_ body: String) -> String {
    "POST \(Path.accessToken) HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }
}

extension Server {
  fileprivate func turn(untilArrivals count: Int) throws {
    for _ in 0..<1_000 where requests < count {
      var watched = watched
      larkspur_wait(&watched, nfds_t(watched.count), 10_000)
      try turn()
    }
    try #require(requests == count)
  }
}
