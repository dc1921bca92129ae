import Testing

@testable import Planning

/// Which rows are valid.
struct AskRowTests {
  private func flaw(
    _ kind: String = "preview", _ lane: String = "t", account: String = "default", after: Int = 0,
    expiresIn: Int? = nil
  ) -> String? {
    let row = AskRow(
      account: account, kind: kind, lane: lane, after: after, expiresIn: expiresIn)
    if case .failure(let problem) = row.checked() { return problem.reason } else { return nil }
  }

  @Test(arguments: [
    ("preview", "952te0c8-9ccf"), ("preview", "<old>"), ("card", "7355439197428236291"),
    ("card", "..."), ("session", "session_4dfunz7sp1g8m"),
  ])
  func `what the schema has ever let in is of use`(kind: String, lane: String) {
    #expect(flaw(kind, lane) == nil)
  }

  @Test(arguments: [
    ("preview", ""), ("preview", "a b"), ("preview", "票"), ("preview", "a\u{0}"), ("card", ""),
    ("card", "123456789012345678901"), ("card", "."), ("card", ".."), ("session", "session_"),
    ("session", "session_i"), ("session", "t"), ("session", "session_\u{e9}"),
    ("session", "session_0123456789abcdefghjkmnpqr"), ("foo", "t"), ("", "t"), ("Preview", "t"),
  ])
  func `a lane that cannot be, of its kind, is a flaw`(kind: String, lane: String) {
    #expect(flaw(kind, lane) != nil)
  }

  @Test(arguments: ["", "a b", "a\u{0}", "\u{fffd}", String(repeating: "a", count: 65)])
  func `so is a name that no account can have`(account: String) {
    #expect(flaw(account: account)?.contains("its account") == true)
  }

  @Test(arguments: [Int.min, -1, 315_360_000_001, Int.max])
  func `and a span that is none`(span: Int) {
    #expect(flaw(after: span)?.contains("after_ms") == true)
    #expect(flaw(expiresIn: span)?.contains("expires_in_ms") == true)
    #expect(flaw(after: 315_360_000_000, expiresIn: 1) == nil)
  }

  @Test func `people are sorted and named once, or there are none`() {
    #expect(Audience.checked(["ou_2", "ou_1", "ou_2"]) == .success(.people(["ou_1", "ou_2"])))
    #expect(Audience.checked(["bob"]) == .success(.people(["bob"])))
    for people in [
      [], [""], ["ou_1", "a b"], ["a,b"], ["a;b"], [String(repeating: "a", count: 65)],
    ] {
      if case .success = Audience.checked(people) { Issue.record("\(people) are taken for people") }
    }
  }

  @Test func `people who are sorted already are named once as well`() {
    #expect(Audience.checked(["ou_1", "ou_1", "ou_2"]) == .success(.people(["ou_1", "ou_2"])))
  }

  @Test func `sums of a few moments out of a row never overflow`() {
    for moment in [Int.min, Int.max] {
      #expect(abs(moment.bounded + moment.bounded - Int.min.bounded) < .max)
    }
    #expect(1_700_000_000_000.bounded == 1_700_000_000_000)
  }

  @Test(
    arguments: [
      ["actions": .json("[{}]")], ["actions": .json("[{}]"), "uuid": .text("u")],
      ["actions": .json("[{}]"), "sequence": .number(1)],
    ] as [Fields])
  func `a batch with a list of actions is packed`(fields: Fields) {
    #expect(Card.flaw(of: fields) == nil)
  }

  @Test(
    arguments: [
      [:], ["actions": .text("[]")], ["actions": .json("{}")], ["actions": .json("[]")],
      ["actions": .json("[{}]"), "uuid": .number(1)],
      ["actions": .json("[{}]"), "uuid": .text("")],
      ["actions": .json("[{}]"), "uuid": .text(String(repeating: "票", count: 200))],
      ["actions": .json("[{}]"), "sequence": .number(0)],
      ["actions": .json("[{}]"), "sequence": .number(.max)],
      ["actions": .json("[{}]"), "sequence": .json("1.0")],
      ["actions": .json("[{}]"), "more": .number(0)],
    ] as [Fields])
  func `any other is not`(fields: Fields) {
    #expect(Card.flaw(of: fields) != nil)
  }

  @Test(
    arguments: [
      ([:], false), (["metadata": .text("")], true), (["metadata": .number(1)], false),
      (["channel_context": .text("x"), "metadata": .text("y")], true),
      (["channel_context": .text(String(repeating: "票", count: 255))], true),
      (["channel_context": .text(String(repeating: "票", count: 600))], false),
      (["metadata": .text("x"), "0": .text("y")], false),
    ] as [(Fields, Bool)])
  func `a session's fields are one or two strings`(fields: Fields, isGood: Bool) {
    #expect((Session.flaw(of: fields) == nil) == isGood)
  }
}
