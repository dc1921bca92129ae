import Terminal
import Testing

@testable import Sandbox

/// Callbacks over real sockets.
struct CallbackServerTests {
  private let app: App
  private let server: Server

  init() throws {
    app = try App()
    server = try Self.server(of: try app.settings)
  }

  private static func server(of settings: ClientSettings) throws -> Server {
    try Server(
      port: 0, rules: Rules(RuleSettings(), instance: "run-"), record: nil, instance: "run-",
      clients: Clients(settings, app: "cli_sandbox", instance: "run-", epoch: 0))
  }

  private func post(_ members: String...) {
    _ = server.clients?.post(
      NewMessage(url: "https://example.com/1", chat: "oc_1", members: members), at: monotonicNow())
  }

  private var views: [View] { server.clients?.messages[1]?.views ?? [] }

  @Test func `the challenge comes first, then a pull whose answer is drawn`() throws {
    post("ou_1")
    let challenge = try app.request(from: server)
    #expect(challenge.hasPrefix("POST /callback HTTP/1.1\r\nHost: 127.0.0.1:\(app.port)\r\n"))
    #expect(challenge.contains(#""type":"url_verification""#))
    app.answer(json: #"{"challenge":"run-challenge-1"}"#)
    #expect(try app.request(from: server).contains(#""event_type":"url.preview.get""#))
    app.answer(json: #"{"inline":{"title":"one"}}"#)
    try app.wait(for: server) { views[0].shown?.title == "one" }
  }

  @Test func `an answer in pieces is put together`() throws {
    post("ou_1")
    try app.echo(from: server)
    _ = try app.request(from: server)
    for piece in ["HTTP/1.1 200 OK\r\nTransfer-Enc", "oding: chunked\r\n\r\n1a\r\n{\"inline\":"] {
      app.answer(piece)
      try server.turn()
    }
    app.answer("{\"title\":\"one\"}}\r\n0\r\n\r\n")
    try app.wait(for: server) { views[0].shown?.title == "one" }
  }

  @Test func `a connection closed before the answer is told, and the pull is not repeated`() throws
  {
    post("ou_1")
    try app.echo(from: server)
    _ = try app.request(from: server)
    app.hangUp()
    try app.wait(for: server) { views[0].waiting == 0 }
    #expect(views[0].trouble?.isEmpty == false && views[0].pulls == 1)
  }

  @Test func `an answer that is too large is given up`() throws {
    post("ou_1")
    try app.echo(from: server)
    _ = try app.request(from: server)
    app.answer("HTTP/1.1 200 OK\r\n\r\n")
    try app.wait(for: server) {
      app.answer(String(repeating: " ", count: 65_536))
      return views[0].waiting == 0
    }
    #expect(views[0].trouble == "the answer is too large")
  }

  @Test func `an address where nothing listens is told, and other requests are served`() throws {
    let settings: ClientSettings = try {
      let gone = try App()
      return try gone.settings
    }()
    let server = try Self.server(of: settings)
    let client = Client(of: server)
    let body = #"{"url":"https://example.com/1","chat":"oc_1","members":["ou_1"]}"#
    client.send(
      "POST /sandbox/messages HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    )
    #expect(try client.answer().hasPrefix("HTTP/1.1 200 "))
    try app.wait(for: server) { server.clients?.messages[1]?.views[0].waiting == 0 }
    let trouble = server.clients?.messages[1]?.views[0].trouble
    #expect(trouble?.hasPrefix("the callback address is not verified: cannot ") == true)
    #expect(trouble?.hasSuffix("connection refused") == true)
  }

  @Test func `a slow app holds up neither other requests nor other pulls`() throws {
    post("ou_1", "ou_2")
    try app.echo(from: server)
    let first = try app.request(from: server)
    let client = Client(of: server)
    client.send("GET /sandbox/messages/1 HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(try client.answer().contains(#""open_id":"ou_1","title":null"#))
    // The first request is still not answered.
    #expect(try app.request(from: server) != first)
    app.answer(json: #"{"inline":{"title":"one"}}"#)
    try app.wait(for: server) { views.contains { $0.shown?.title == "one" } }
    #expect(views.map(\.waiting).sorted() == [0, 1])
  }

  @Test func `what is asked of the clients is neither counted nor recorded`() throws {
    let client = Client(of: server)
    client.send("GET /sandbox/messages HTTP/1.1\r\nHost: x\r\n\r\n")
    let answer = try client.answer()
    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.contains("X-Tt-Logid: run-sandbox"))
    #expect(server.requests == 0)
  }

  @Test func `a message with five thousand members is accepted`() throws {
    let members = (0..<NewMessage.membersMax).map { "\"ou_\($0)\"" }.joined(separator: ",")
    let body = #"{"url":"https://example.com/1","chat":"oc_1","members":[\#(members)]}"#
    let client = Client(of: server)
    client.send(
      "POST /sandbox/messages HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    )
    #expect(try client.answer().hasPrefix("HTTP/1.1 200 "))
    #expect(views.count == NewMessage.membersMax)
  }
}
