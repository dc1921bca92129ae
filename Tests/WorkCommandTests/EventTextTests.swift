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
        == #"account 'a\u{0}\u{1b}[31m' has pending asks but is not configured; "#
        + "they wait until it is added")
  }

  @Test func `a call for an access token has no lane`() {
    #expect(line(.auth, []) == "default auth #12 delivered in 40 ms")
  }

  private func progress(
    done: Int, left: Int, delayed: Int = 0, next: Int? = nil, rate: Double = 0
  ) -> WorkProgress {
    var progress = WorkProgress()
    (progress.lanesDone, progress.lanesLeft, progress.asksDelayed) = (done, left, delayed)
    (progress.nextDelayed, progress.callsPerSecond, progress.calls) = (next, rate, 6)
    return progress
  }

  @Test func `progress says what is still waited for`() {
    #expect(
      EventText.progress(progress(done: 20, left: 40, rate: 5), elapsed_ms: 10_000)
        == "20 done, 40 left, 5.0 calls/s, about 20 s to go")
    #expect(
      EventText.progress(progress(done: 60, left: 0, delayed: 1, next: 590_000), elapsed_ms: 10_000)
        == "60 done, 1 delayed, next in 9 min 50 s")
    #expect(
      EventText.progress(
        progress(done: 30, left: 30, delayed: 2, next: 1_500, rate: 4), elapsed_ms: 10_000)
        == "30 done, 30 left, 2 delayed, 4.0 calls/s, about 10 s to go")
    #expect(
      EventText.summary(progress(done: 60, left: 0, delayed: 1), elapsed_ms: 2_000)
        == "60 done with 6 calls in 2.0 s, 1 delayed")
  }

  @Test func `what became of an account when the configuration was read again is one line`() {
    #expect(EventText.sentence(.accountAdded("shop")) == "account 'shop' was added")
    #expect(
      EventText.sentence(.accountChanged("shop", [.secret, .app], isResumed: true))
        == "account 'shop' was changed: app_id, app_secret; it is no longer parked")
    #expect(
      EventText.sentence(.accountChanged("shop", [.quota], isResumed: false))
        == "account 'shop' was changed: monthly_quota")
    #expect(
      EventText.sentence(.accountRemoved("shop"))
        == "account 'shop' was removed; its asks wait until it is added again")
    #expect(
      EventText.json(.accountAdded("shop"), at_ms: 1)
        == #"{"at_ms":1,"event":"account_added","text":"account 'shop' was added"}"#)
  }

  @Test func `a configuration that cannot be used is a problem in every log`() {
    let event = WorkEvent.configurationUnusable("invalid configuration c: it is not valid JSON")
    #expect(EventText.isProblem(event))
    #expect(
      EventText.sentence(event)
        == "the configuration was not reloaded and no account has changed: invalid configuration "
        + "c: it is not valid JSON")
  }

  @Test func `a secret that cannot be read is a problem in every log, and says what to do`() throws
  {
    let event = WorkEvent.secretMissing(account: "shop", why: "cannot read secret file /x: no")
    #expect(EventText.isProblem(event))
    #expect(
      EventText.sentence(event)
        == "account 'shop' cannot sign in: cannot read secret file /x: no; its asks wait until "
        + "this is fixed ('larkspur resume' is not needed)")
  }
}
