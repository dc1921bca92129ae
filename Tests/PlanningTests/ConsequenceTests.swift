import Planning
import Testing

/// What an answer means for more than the lanes in its call.
struct ConsequenceTests {
  private let reply = Answer.reply(
    Reply(status: 400, code: 1))

  private func consequence(
    _ verdict: Verdict, _ answer: Answer? = nil, withUserToken: Bool = false
  ) -> Verdict.Consequence {
    verdict.consequence(answer ?? reply, withUserToken: withUserToken)
  }

  @Test func `what concerns lanes alone has none for the account`() {
    let verdicts: [Verdict] = [
      .delivered, .refused(isDocumented: true), .tryAgain, .unfit, .outOfOrder, .alreadyKnown,
      .busy, .gone, .limited,
    ]
    for verdict in verdicts { #expect(consequence(verdict) == .none) }
  }

  @Test func `a host that cannot be reached is told of, and a machine that is too slow is not`() {
    #expect(consequence(.unreachable, .neverLeft("no route")) == .hostUnreachable)
    #expect(consequence(.unreachable, .tooLate) == .none)
    #expect(Verdict.unreachable.failing(of: [1], .tooLate) == nil)
    #expect(Verdict.unreachable.failing(of: [1], .neverLeft("x")) == .unreachable)
  }

  @Test func `a person's token that is refused does not speak of the app's`() {
    #expect(consequence(.tokenRefused) == .appTokenRefused)
    #expect(consequence(.tokenRefused, withUserToken: true) == .userTokenRefused)
  }

  @Test func `what a person has not granted another person may have`() {
    #expect(consequence(.parked(.permission)) == .parked(.permission))
    #expect(consequence(.parked(.permission), withUserToken: true) == .userTokenRefused)
    #expect(
      consequence(.parked(.credentials), withUserToken: true) == .parked(.credentials))
  }

  @Test func `a request for an access token carries none, so what is refused is the app's secret`()
  {
    for verdict in [Verdict.refused(isDocumented: true), .tokenRefused, .gone] {
      #expect(verdict.consequenceOfTokenRequest(reply) == .parked(.credentials))
    }
    #expect(Verdict.refused(isDocumented: false).consequenceOfTokenRequest(reply) == .none)
    #expect(Verdict.quotaSpent.consequenceOfTokenRequest(reply) == .none)
    #expect(Verdict.foreign.consequenceOfTokenRequest(reply) == .hostForeign)
    #expect(Verdict.parked(.permission).consequenceOfTokenRequest(reply) == .parked(.permission))
  }

  @Test func `a call that Feishu may have acted on counts against the quota`() {
    for verdict in [Verdict.delivered, .tryAgain, .foreign] { #expect(!verdict.failsFreely) }
  }

  @Test func `a call that was refused or never left does not`() {
    let verdicts: [Verdict] = [
      .refused(isDocumented: true), .unfit, .outOfOrder, .alreadyKnown, .busy, .gone, .unreachable,
      .limited, .quotaSpent, .tokenRefused, .parked(.permission),
    ]
    for verdict in verdicts { #expect(verdict.failsFreely) }
  }

  @Test func `only an answer to the app's own token shows that it is good`() {
    #expect(Verdict.delivered.provesAppToken(reply, withUserToken: false))
    #expect(Verdict.refused(isDocumented: true).provesAppToken(reply, withUserToken: false))
    #expect(Verdict.parked(.permission).provesAppToken(reply, withUserToken: false))
    #expect(!Verdict.tryAgain.provesAppToken(.noAnswer("x"), withUserToken: false))
    #expect(!Verdict.tryAgain.provesAppToken(reply, withUserToken: false))
    #expect(!Verdict.limited.provesAppToken(reply, withUserToken: false))
    #expect(!Verdict.delivered.provesAppToken(reply, withUserToken: true))
    #expect(!Verdict.tokenRefused.provesAppToken(reply, withUserToken: false))
    #expect(!Verdict.unreachable.provesAppToken(.neverLeft("x"), withUserToken: false))
  }
}
