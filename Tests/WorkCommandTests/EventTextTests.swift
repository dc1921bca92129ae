import Planning
import Testing

@testable import Delivery
@testable import WorkCommand

struct EventTextTests {
  private func line(_ api: API, _ lanes: [String], _ audience: Audience? = nil) -> String {
    EventText.line(report(api, lanes, audience))
  }

  private func report(_ api: API, _ lanes: [String], _ audience: Audience? = nil) -> CallReport {
    CallReport(
      account: "default", api: api, call: 12, lanes: lanes, audience: audience, took_ms: 40,
      outcome: "delivered", detail: "success", isGood: true)
  }

  @Test func `a call of a card or a session names it whole`() {
    #expect(
      line(.card, ["7355439197428236291"])
        == "default card #12 delivered in 40 ms: [7355439197428236291]")
    #expect(
      line(.session, ["session_4dfunz7sp1g8m"])
        == "default session #12 delivered in 40 ms: [session_4dfunz7sp1g8m]")
    #expect(
      EventText.json(.called(report(.card, ["7355439197428236291"])), at_ms: 1).contains(
        #""lanes":["7355439197428236291"],"#))
  }

  @Test func `of a preview there is enough to recognise it, and whom it was for`() {
    #expect(
      line(.preview, ["952te0c8-9ccf-463d-ad73-593f8f768a5c"], .everyone)
        == "default preview #12 delivered in 40 ms: 1 lane for everyone [952te0c8-9cc…]")
  }

  @Test func `the name of an account is safe to show, whoever has let it in`() {
    #expect(
      EventText.sentence(.unknownAccount("a\u{0}\u{1b}[31m"))
        == #"account a\u{0}\u{1b}[31m is not in the configuration; its lanes wait until it is"#)
  }

  @Test func `a call for an access token has no lane`() {
    #expect(line(.auth, []) == "default auth #12 delivered in 40 ms")
  }
}
