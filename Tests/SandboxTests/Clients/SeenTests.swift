import Testing

@testable import Sandbox

/// What a member sees.
struct SeenTests {
  private let chat: Chat

  init() throws { chat = try Chat() }

  /// A message with one member who sees `one`, and the pull of a refresh.
  private func refreshed() throws -> (message: Int, pull: Callback) {
    let message = chat.post("ou_1")
    chat.settle(on: "one")
    chat.refresh([chat.token(message)])
    return (message, try #require(chat.next()))
  }

  @Test func `until the first answer a member sees the bare link`() {
    let message = chat.post("ou_1")
    chat.verify()
    #expect(chat.titles(message) == [nil] && chat.views(message)[0].drawn == nil)
  }

  @Test func `an answer is drawn at its moment`() throws {
    let message = chat.post("ou_1")
    chat.verify()
    let pull = try #require(chat.next())
    chat.wait(20_000)
    chat.answer(pull, title: "one")
    #expect(chat.titles(message) == ["one"] && chat.views(message)[0].drawn == 20_000)
    #expect(chat.views(message)[0].draws == 1 && chat.views(message)[0].trouble == nil)
  }

  @Test func `an answer within 3 s is drawn`() throws {
    let (message, pull) = try refreshed()
    chat.wait(3 * second)
    chat.answer(pull, title: "two")
    #expect(chat.titles(message) == ["two"])
  }

  @Test func `an answer after 3 s is not drawn and not asked for again`() throws {
    let (message, pull) = try refreshed()
    chat.wait(3 * second + 1)
    chat.answer(pull, title: "two")
    #expect(chat.titles(message) == ["one"])
    #expect(chat.views(message)[0].trouble == "no answer within 3 s")
    #expect(chat.next() == nil && chat.pulls(message) == [2])
  }

  @Test func `a challenge echoed after 1 s does not verify the address`() throws {
    let message = chat.post("ou_1")
    let challenge = try #require(chat.next())
    guard case .challenge(let text) = challenge.subject else {
      throw Invalid(reason: "no challenge")
    }
    chat.wait(second + 1)
    chat.end(challenge, .answered(#"{"challenge":"\#(text)"}"#))
    #expect(
      chat.views(message)[0].trouble
        == "the callback address is not verified: no answer within 1 s")
  }

  @Test(
    arguments: [
      (
        .answered(status: 500, body: Array(#"{"inline":{"title":"two"}}"#.utf8)),
        "the answer was HTTP 500, not 200"
      ),
      (.failed("cannot connect"), "cannot connect"),
      (.answered("{}"), "the answer has no inline"),
      (.answered(#"{"inline":{}}"#), "inline has neither title nor i18n_title"),
      (
        .answered("two"),
        "the answer is not a JSON object with an inline object and an optional card (template or raw)"
      ),
      (
        .answered(#"{"inline":{"title":2}}"#),
        "the answer is not a JSON object with an inline object and an optional card (template or raw)"
      ),
      (
        .answered(#"{"inline":{"title":"two"},"card":{"type":"html","data":{}}}"#),
        "the answer is not a JSON object with an inline object and an optional card (template or raw)"
      ),
    ] as [(CallbackOutcome, String)])
  func `without a valid answer a member keeps what it saw`(
    outcome: CallbackOutcome, trouble: String
  ) throws {
    let (message, pull) = try refreshed()
    chat.end(pull, outcome)
    #expect(chat.titles(message) == ["one"] && chat.views(message)[0].draws == 1)
    #expect(chat.views(message)[0].trouble == trouble)
    #expect(chat.next() == nil)
  }

  @Test func `a valid answer ends the trouble`() throws {
    let (message, pull) = try refreshed()
    chat.end(pull, .failed("cannot connect"))
    chat.refresh([chat.token(message)])
    chat.settle(on: "three")
    #expect(chat.titles(message) == ["three"] && chat.views(message)[0].trouble == nil)
  }

  @Test func `the answer to an older pull never replaces that to a newer one`() throws {
    let (message, older) = try refreshed()
    chat.refresh([chat.token(message)])
    let newer = try #require(chat.next())
    chat.answer(newer, title: "three")
    chat.answer(older, title: "two")
    #expect(chat.titles(message) == ["three"] && chat.views(message)[0].draws == 2)
    #expect(chat.views(message)[0].waiting == 0)
  }

  @Test func `each member sees the answer to its own pull`() {
    let message = chat.post("ou_1", "ou_2")
    chat.verify()
    for callback in chat.callbacks() {
      chat.answer(callback, title: callback.body.contains("ou_1") ? "for 1" : "for 2")
    }
    #expect(chat.titles(message) == ["for 1", "for 2"])
  }

  @Test(arguments: [
    (#"{"inline":{"i18n_title":{"zh_cn":"构建","en_us":"build"}}}"#, Preview(title: "build")),
    (#"{"inline":{"i18n_title":{"zh_cn":"构建"}}}"#, Preview(title: "构建")),
    (#"{"inline":{"title":"a","image_key":"img_1"}}"#, Preview(title: "a", imageKey: "img_1")),
    (
      #"{"inline":{"title":"a"},"card":{"type":"raw","data":{"x":[1,2]}}}"#,
      Preview(title: "a", card: .raw)
    ),
  ])
  func `an answer is read as the documentation describes it`(body: String, preview: Preview) throws
  {
    #expect(try Preview(.answered(body)) == preview)
  }
}

/// What is served from a cache.
struct ClientCacheTests {
  @Test func `without a cache every member pulls`() throws {
    let chat = try Chat()
    _ = chat.post("ou_1")
    chat.settle(on: "one")
    let other = chat.post("ou_2")
    chat.settle(on: "two")
    #expect(chat.pulls(other) == [1] && chat.titles(other) == ["two"])
  }

  @Test func `the first look at a cached URL is served without a pull`() throws {
    let chat = try Chat(cache_s: 60)
    _ = chat.post("ou_1")
    chat.settle(on: "one")
    chat.wait(60 * second - 1)
    let other = chat.post("ou_2")
    #expect(chat.next() == nil && chat.pulls(other) == [0])
    #expect(chat.titles(other) == ["one"] && chat.views(other)[0].isFromCache)
  }

  @Test func `the cache ends after its time, and holds one URL only`() throws {
    let chat = try Chat(cache_s: 60)
    _ = chat.post("ou_1")
    chat.settle(on: "one")
    let elsewhere = chat.post("ou_2", url: "https://example.com/2")
    chat.wait(60 * second)
    let later = chat.post("ou_2")
    chat.settle(on: "two")
    #expect(chat.pulls(elsewhere) == [1] && chat.pulls(later) == [1])
  }

  @Test func `a refresh pulls past the cache and renews it`() throws {
    let chat = try Chat(cache_s: 60)
    let message = chat.post("ou_1")
    chat.settle(on: "one")
    chat.refresh([chat.token(message)])
    chat.settle(on: "two")
    let other = chat.post("ou_2")
    #expect(chat.pulls(message) == [2] && chat.titles(other) == ["two"])
  }

  @Test func `an invalid answer is not cached`() throws {
    let chat = try Chat(cache_s: 60)
    _ = chat.post("ou_1")
    chat.verify()
    chat.end(try #require(chat.next()), .answered("{}"))
    let other = chat.post("ou_2")
    #expect(chat.next()?.subject == .pull(message: other, member: 0))
  }
}
