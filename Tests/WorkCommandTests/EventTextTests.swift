import Configuring
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
      outcome: "delivered", detail: "success", answer: .none, isGood: true)
  }

  @Test func `a call of a card or a session names it whole`() {
    #expect(
      line(.card, ["7355439197428236291"])
        == "default card #12 delivered in 40 ms: [7355439197428236291]")
    #expect(
      line(.session, ["session_4dfunz7sp1g8m"])
        == "default session #12 delivered in 40 ms: [session_4dfunz7sp1g8m]")
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
  }

  @Test func `a configuration that cannot be used is a problem in every log`() {
    let event = WorkEvent.configurationUnusable("invalid configuration c: it is not valid JSON")
    #expect(EventText.level(event) == .error)
    #expect(
      EventText.sentence(event)
        == "the configuration was not reloaded and no account has changed: invalid configuration "
        + "c: it is not valid JSON")
  }

  @Test func `a secret that cannot be read is a problem in every log, and says what to do`() throws
  {
    let event = WorkEvent.secretMissing(account: "shop", why: "cannot read secret file /x: no")
    #expect(EventText.level(event) == .error)
    #expect(
      EventText.sentence(event)
        == "account 'shop' cannot sign in: cannot read secret file /x: no; its asks wait until "
        + "this is fixed ('larkspur resume' is not needed)")
  }

  @Test func `an account that is parked for its credentials says where they are`() {
    let event = WorkEvent.parked(
      account: "shop", .credentials, isTenant: false,
      credentials: CredentialsPlace(appID: "cli_1", secret: .file("/etc/larkspur/secret")),
      why: "10014 app secret invalid", .none)
    #expect(
      EventText.sentence(event)
        == "account 'shop' is parked (its asks are kept): 10014 app secret invalid. Check app id cli_1 "
        + "and the secret in file /etc/larkspur/secret, then run 'larkspur resume shop'")
    // Somebody may have put the secret in its place.
    let swapped = CredentialsPlace(appID: "canary", secret: .environment("S"))
    #expect(swapped.words == "the app id and the secret in variable S")
  }
}
