import Testing

@testable import Sandbox

/// What a test asks of `/sandbox/messages`.
final class ClientAPITests {
  private var clients: Clients?

  init() throws {
    let chat = try Chat()
    _ = chat.post("ou_0")
    chat.settle(on: "zero")
    clients = chat.clients
  }

  private func ask(
    _ method: String, _ path: String = "/sandbox/messages", _ body: String = "",
    isTooLarge: Bool = false
  ) -> Answer {
    let request = Request(
      method: method, target: path, body: Array(body.utf8), isTooLarge: isTooLarge, logID: "")
    return ClientAPI.answer(request, &clients, at: 5_000_000)
  }

  private func post(_ body: String) -> Answer { ask("POST", "/sandbox/messages", body) }

  @Test func `a posted message is answered with its token`() {
    let answer = post(#"{"url":"https://example.com/1","chat":"oc_1","members":["ou_1"]}"#)
    #expect(answer.status == 200)
    #expect(
      answer.body == """
        {"number":2,"place":"message","url":"https://example.com/1","token":"w00-run-2",\
        "open_message_id":"om_run-2","open_chat_id":"oc_1","posted_ms":5000,\
        "members":[{"open_id":"ou_1","title":null,"image_key":null,"card":null,"drawn_ms":null,\
        "from_cache":false,"draws":0,"pulls":0,"waiting":1,"trouble":null}]}
        """)
  }

  @Test func `the list has what each member sees`() {
    let answer = ask("GET")
    #expect(answer.status == 200)
    #expect(answer.body.hasPrefix(#"{"verified":true,"verification_trouble":null,"messages":[{"#))
    #expect(
      answer.body.contains(
        """
        {"open_id":"ou_0","title":"zero","image_key":null,"card":null,"drawn_ms":0,\
        "from_cache":false,"draws":1,"pulls":1,"waiting":0,"trouble":null}
        """))
  }

  @Test func `a message can be asked for by its number`() {
    #expect(ask("GET", "/sandbox/messages/1").body.contains(#""token":"w00-run-1""#))
    #expect(ask("GET", "/sandbox/messages/2").status == 404)
  }

  @Test func `a draft has no token`() {
    let answer = post(#"{"url":"https://example.com/1","place":"draft","members":["ou_1"]}"#)
    #expect(answer.status == 200 && answer.body.contains(#""token":null"#))
  }

  @Test(arguments: [
    ("word", "the body must be a JSON object with url, chat and members (a list)"),
    (#"{"url":"u","chat":"oc_1"}"#, "the body must be a JSON object with url, chat and members"),
    (#"{"url":"","chat":"oc_1","members":["ou_1"]}"#, "url must have 1 to 4096 bytes"),
    (#"{"url":"u","members":["ou_1"]}"#, "a message needs a chat"),
    (#"{"url":"u","place":"top_notice","members":["ou_1"]}"#, "a top notice needs a chat"),
    (#"{"url":"u","place":"draft","chat":"oc_1","members":["ou_1"]}"#, "a draft has no chat"),
    (#"{"url":"u","place":"signature","chat":"oc","members":["ou_1"]}"#, "a signature has no chat"),
    (
      #"{"url":"u","place":"wall","chat":"oc_1","members":["ou_1"]}"#,
      "place must be one of message, draft, signature, top_notice"
    ),
    (#"{"url":"u","chat":"oc_1","members":[]}"#, "members must list 1 to 5000 open_ids"),
    (#"{"url":"u","chat":"oc_1","members":["ou_1",""]}"#, "an id must have 1 to 256 bytes"),
    (#"{"url":"u","chat":"oc_1","members":["a","b","a"]}"#, "members lists an open_id twice"),
  ])
  func `a message that makes no sense is refused with the reason`(
    body: String, reason: String
  ) {
    let answer = post(body)
    #expect(
      answer.status == 400 && answer.body.hasPrefix(#"{"error":"\#(reason)"#), "\(answer.body)")
  }

  @Test(arguments: [
    ("GET", "/sandbox", 404), ("GET", "/sandbox/", 404), ("GET", "/sandbox/messages/x", 404),
    ("PUT", "/sandbox/messages", 405), ("POST", "/sandbox/messages/1", 405),
  ])
  func `other paths and methods are refused`(method: String, path: String, status: Int) {
    #expect(ask(method, path).status == status)
  }

  @Test func `a body that is too large is refused`() {
    #expect(ask("POST", "/sandbox/messages", isTooLarge: true).status == 413)
  }

  @Test func `a sandbox without a callback address says what to do`() {
    clients = nil
    let answer = ask("GET")
    #expect(answer.status == 404 && answer.body.contains("start it with --callback URL"))
  }

  @Test(arguments: [
    ("/sandbox/messages", true), ("/sandbox", true), ("/sandbox/messages?x", true),
    ("/sandboxes", false), ("/", false), (Path.previews, false),
  ])
  func `everything else is left to the rules`(target: String, isAsked: Bool) {
    #expect(ClientAPI.isAsked(Request(target: target, logID: "")) == isAsked)
  }
}
