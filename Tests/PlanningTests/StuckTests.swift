import Testing

@testable import Planning

/// Why an account is stuck, and the text that says so.
struct StuckTests {
  private func channel(
    _ kind: Kind = .preview, waits: Bool = true, _ change: (inout ChannelState) -> Void = { _ in }
  ) -> ChannelState {
    var channel = ChannelState(
      channel: Channel(account: 1, kind: kind), limits: [], record: ChannelRecord(), recent: [])
    channel.next = NextReady(ordinary: waits ? .zero : nil)
    change(&channel)
    return channel
  }

  /// A channel that has seen this many failures.
  private func failing(
    _ failing: Failing, times: Int, _ kind: Kind = .preview, waits: Bool = true
  ) -> ChannelState {
    channel(kind, waits: waits) { channel in
      for count in 0..<times {
        let moment = Moment(ms: 1_000 * count)
        channel.failed(failing, why: "230001 no", started: moment, at: moment, dice: 0)
      }
    }
  }

  private static let refusal = Failing.refusal(lanes: [1, 2], isDocumented: true)

  private func sentences(_ signs: AccountSigns) -> [String] { signs.stuck.map(\.sentence) }

  @Test func `a store app without a ticket cannot sign in`() {
    let signs = AccountSigns(name: "acme", noAppSecret: "the app ticket was refused")
    #expect(sentences(signs) == ["account 'acme' cannot sign in: the app ticket was refused"])
  }

  @Test func `an account in order is not stuck`() {
    #expect(AccountSigns(name: "shop", channels: [channel()]).stuck == [])
  }

  @Test func `a missing secret is said, also while nothing waits`() {
    let signs = AccountSigns(name: "shop", noAppSecret: "no file", noUserToken: "it is empty")
    #expect(signs.stuck.map(\.reason) == [.noSecret, .noSecret])
    #expect(
      sentences(signs) == [
        "account 'shop' has no app secret: no file",
        "session calls of account 'shop' have no user access token: it is empty",
      ])
  }

  @Test func `a parked account says why`() {
    let parked = Parked(trouble: .credentials, why: "10014 app secret invalid", probe: .zero)
    #expect(
      sentences(AccountSigns(name: "shop", parked: parked))
        == ["account 'shop' is parked: 10014 app secret invalid"])
  }

  @Test func `a host that cannot be reached is said once, whatever it holds up`() {
    let signs = AccountSigns(
      name: "shop", unreachable: "Feishu cannot be reached: no route (https://feishu.test)",
      channels: [failing(.unreachable, times: 4), failing(.unreachable, times: 1, .card)])
    #expect(signs.stuck.map(\.reason) == [.unreachable])
    #expect(
      sentences(signs) == [
        "calls of account 'shop': Feishu cannot be reached: no route (https://feishu.test)"
      ])
  }

  @Test func `what is refused whatever it carries is said of its calls`() {
    let signs = AccountSigns(
      name: "shop",
      channels: [
        failing(Self.refusal, times: 20, .preview), failing(Self.refusal, times: 20, .card),
      ])
    #expect(
      sentences(signs)
        == ["card, preview calls of account 'shop': everything is refused: 230001 no"])
  }

  @Test func `a few refusals are no outage`() {
    #expect(
      AccountSigns(name: "shop", channels: [failing(Self.refusal, times: 2)]).stuck == [])
  }

  @Test func `a host that answers, and fails, is said to`() {
    let signs = AccountSigns(name: "shop", channels: [failing(.host, times: 5)])
    #expect(signs.stuck.map(\.reason) == [.failing])
    #expect(sentences(signs) == ["preview calls of account 'shop' fail: 230001 no"])
  }

  @Test func `without an access token, it is the account whose calls fail`() {
    var login = Health()
    _ = login.failed(.foreign, started: .zero, at: .zero, dice: 0)
    let signs = AccountSigns(
      name: "shop", tokenFailure: "no access token: a page", login: login, channels: [channel()])
    #expect(sentences(signs) == ["calls of account 'shop' fail: no access token: a page"])
  }

  @Test func `without an app secret, that is all there is to say`() {
    var login = Health()
    _ = login.failed(.foreign, started: .zero, at: .zero, dice: 0)
    let signs = AccountSigns(
      name: "shop", noAppSecret: "no file", tokenFailure: "no access token: a page", login: login,
      channels: [channel()])
    #expect(sentences(signs) == ["account 'shop' has no app secret: no file"])
  }

  @Test func `a refused user access token holds up sessions`() {
    let signs = AccountSigns(
      name: "shop",
      channels: [
        channel(.session) {
          $0.record.refusedMark = 1
          $0.pause(until: .max, why: "the user access token is refused: no")
        }
      ])
    #expect(
      sentences(signs) == [
        "session calls of account 'shop': the user access token is refused: no"
      ])
  }

  @Test func `where nothing waits nothing is held up`() {
    let signs = AccountSigns(
      name: "shop", unreachable: "no route",
      channels: [failing(Self.refusal, times: 20, waits: false)])
    #expect(signs.stuck == [])
  }

  @Test func `a probe under way ends nothing`() {
    var probing = failing(Self.refusal, times: 20, waits: false)
    probing.callsUnderWay = 1
    #expect(AccountSigns(name: "shop", channels: [probing]).stuck.map(\.reason) == [.refused])
  }
}
