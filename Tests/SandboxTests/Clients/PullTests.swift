import Testing

@testable import Sandbox

/// Who pulls when.
struct PullTests {
  private let chat: Chat

  init() throws { chat = try Chat() }

  @Test func `a message makes each of its members pull once`() {
    let message = chat.post("ou_1", "ou_2")
    chat.settle(on: "one")
    #expect(chat.pulls(message) == [1, 1] && chat.callbacks().isEmpty)
  }

  @Test
  func `the first callback is the challenge, and nothing is pulled until it is echoed`() {
    let message = chat.post("ou_1")
    let challenge = chat.next()
    #expect(challenge?.body.contains(#""type":"url_verification""#) == true)
    #expect(chat.next() == nil && chat.pulls(message) == [0])
  }

  @Test func `the challenge is sent once for all messages`() {
    _ = chat.post("ou_1")
    chat.settle(on: "one")
    _ = chat.post("ou_1")
    #expect(chat.callbacks().map(\.subject) == [.pull(message: 2, member: 0)])
  }

  @Test
  func
    `an address that does not echo gets no pull, and is asked again at the next message`()
    throws
  {
    let first = chat.post("ou_1")
    chat.end(try #require(chat.next()), .answered(#"{"challenge":"another"}"#))
    #expect(
      chat.views(first)[0].trouble
        == "the callback address is not verified: the answer has another challenge")
    #expect(chat.next() == nil && !chat.clients.isVerified)
    _ = chat.post("ou_1")
    chat.settle(on: "one")
    #expect(chat.clients.isVerified && chat.pulls(first) == [0])
  }

  @Test func `a refresh for everyone makes every member pull again`() {
    let message = chat.post("ou_1", "ou_2")
    chat.settle(on: "one")
    chat.refresh([chat.token(message)])
    chat.settle(on: "two")
    #expect(chat.pulls(message) == [2, 2] && chat.titles(message) == ["two", "two"])
  }

  @Test func `a refresh for some users makes those of them pull who are members`() {
    let message = chat.post("ou_1", "ou_2", "ou_3")
    chat.settle(on: "one")
    chat.refresh([chat.token(message)], openIDs: ["ou_3", "ou_stranger", "ou_1"])
    chat.settle(on: "two")
    #expect(chat.pulls(message) == [2, 1, 2] && chat.titles(message) == ["two", "one", "two"])
  }

  @Test func `an empty list that took effect means everyone`() {
    let message = chat.post("ou_1", "ou_2")
    chat.settle(on: "one")
    chat.refresh([chat.token(message)], openIDs: [])
    chat.settle(on: "two")
    #expect(chat.pulls(message) == [2, 2])
  }

  @Test func `a refresh reaches only the messages of its tokens`() {
    let (first, second) = (chat.post("ou_1"), chat.post("ou_1"))
    chat.settle(on: "one")
    chat.refresh([chat.token(second), "952te0c8-unknown"])
    chat.settle(on: "two")
    #expect(chat.pulls(first) == [1] && chat.pulls(second) == [2])
  }

  @Test func `a token that came too early makes nobody pull`() {
    let (first, second) = (chat.post("ou_1"), chat.post("ou_1"))
    chat.settle(on: "one")
    chat.refresh([chat.token(first), chat.token(second)], early: [chat.token(first)])
    #expect(chat.callbacks().map(\.subject) == [.pull(message: second, member: 0)])
  }

  @Test func `a refused refresh makes nobody pull`() {
    let message = chat.post("ou_1")
    chat.settle(on: "one")
    chat.refresh([chat.token(message)], applied: false)
    #expect(chat.callbacks().isEmpty)
  }

  @Test func `a refresh by another app makes nobody pull`() {
    let message = chat.post("ou_1")
    chat.settle(on: "one")
    chat.refresh([chat.token(message)], app: "cli_other")
    #expect(chat.callbacks().isEmpty)
  }

  @Test func `a pull that has not been sent serves the refreshes that come meanwhile`() {
    let message = chat.post("ou_1")
    chat.refresh([chat.token(message)])
    chat.settle(on: "one")
    #expect(chat.pulls(message) == [1])
  }

  @Test func `a refresh during a pull is followed by another pull`() throws {
    let message = chat.post("ou_1")
    chat.verify()
    _ = try #require(chat.next())
    chat.refresh([chat.token(message)])
    #expect(chat.next() != nil && chat.pulls(message) == [2])
  }

  @Test func `no more callbacks are in flight than allowed`() throws {
    let chat = try Chat(callbacksMax: 2)
    let message = chat.post("ou_1", "ou_2", "ou_3")
    chat.verify()
    let sent = chat.callbacks()
    #expect(sent.count == 2 && chat.views(message).map(\.waiting) == [1, 1, 1])
    chat.answer(sent[0], title: "one")
    #expect(chat.callbacks().map(\.subject) == [.pull(message: message, member: 2)])
  }

  @Test func `only so many messages are remembered, and the rest no longer pull`() {
    let first = chat.post("ou_1")
    let token = chat.token(first)
    let crowd = (0..<NewMessage.membersMax).map { "ou_\($0)" }
    for _ in 0..<Messages.viewsMax / crowd.count {
      _ = chat.clients.post(NewMessage(url: "u", chat: "oc_1", members: crowd), at: 0)
    }
    #expect(chat.clients.messages[first] == nil)
    chat.refresh([token])
    chat.verify()
    #expect(chat.next()?.subject == .pull(message: first + 1, member: 0))
  }
}
