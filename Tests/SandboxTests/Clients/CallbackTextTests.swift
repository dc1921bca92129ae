import Testing

@testable import Sandbox

/// What a callback says, as Feishu would.
struct CallbackTextTests {
  private let text = CallbackText(app: "cli_1", verificationToken: "v-1", instance: "run-")

  private func pull(_ place: Place) -> String {
    let new = NewMessage(
      url: "https://example.com/1", place: place, chat: place.hasChat ? "oc_1" : "",
      members: ["ou_1"])
    let message = Message(new, number: 7, instance: "run-", at: 0)
    return text.pull(3, message, by: "ou_1", created_us: 1_796_000_000_000_000)
  }

  @Test func `a challenge has the token and its type`() {
    #expect(
      text.challenge("abc")
        == #"{"challenge":"abc","token":"v-1","type":"url_verification"}"#)
  }

  @Test func `a pull has the documented envelope`() {
    #expect(
      pull(.message) == """
        {"schema":"2.0","header":{"event_id":"run-event-3","token":"v-1",\
        "create_time":"1796000000000000","event_type":"url.preview.get",\
        "tenant_key":"tenant_sandbox","app_id":"cli_1"},\
        "event":{"operator":{"tenant_key":"tenant_sandbox","open_id":"ou_1"},\
        "host":"im_message","delivery_type":"url_preview",\
        "context":{"url":"https://example.com/1","preview_token":"w00-run-7",\
        "open_message_id":"om_run-7","open_chat_id":"oc_1"}}}
        """)
  }

  @Test func `a draft has no token, message or chat`() {
    #expect(
      pull(.draft).hasSuffix(
        #""context":{"url":"https://example.com/1","open_message_id":"","open_chat_id":""}}}"#))
  }

  @Test func `a signature has a token, but no message or chat`() {
    #expect(
      pull(.signature).hasSuffix(
        #""preview_token":"w00-run-7","open_message_id":"","open_chat_id":""}}}"#))
  }

  @Test func `a top notice says so`() {
    #expect(pull(.topNotice).contains(#""host":"im_top_notice""#))
    #expect(pull(.topNotice).contains(#""open_chat_id":"oc_1""#))
  }

  @Test func `each message has a token of its own, also for the same URL`() throws {
    let chat = try Chat()
    let (first, second) = (chat.post("ou_1"), chat.post("ou_1"))
    #expect(chat.token(first) != chat.token(second))
  }

  @Test func `all pulls of a message have the same token and different events`() throws {
    let chat = try Chat()
    _ = chat.post("ou_1", "ou_2")
    chat.verify()
    let bodies = chat.callbacks().map(\.body)
    #expect(bodies.count == 2 && bodies.allSatisfy { $0.contains(#""w00-run-1""#) })
    #expect(bodies[0].contains("run-event-2") && bodies[1].contains("run-event-3"))
  }
}
