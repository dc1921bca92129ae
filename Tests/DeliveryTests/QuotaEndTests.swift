import Chance
import Larkspur
import Planning
import Testing

@testable import Delivery

/// When an account whose quota is used up may make calls again.
struct QuotaEndTests {
  /// An account with ten calls a month. It has made none in the month that the clock shows, and
  /// these in the one before, which is over at different moments.
  private func account(_ before: [Kind: (calls: Int, ends: Moment)]) -> AccountState {
    var settings = AccountSettings(
      name: "default", host: "https://feishu.test", appID: "cli_1", secret: .environment("S"))
    settings.monthlyQuota = 10
    var account = AccountState(
      settings, id: 1, app: nil, parked: nil, refusals: 0, login: ChannelRecord(), provenHost: nil,
      renewal: 0)
    for (kind, month) in before {
      var record = ChannelRecord()
      record.months = MonthlyCalls(
        shown: .init(number: 2, calls: 0, ends: 9_000),
        other: .init(number: 1, calls: month.calls, ends: month.ends))
      account.open(
        ChannelState(
          channel: Channel(account: 1, kind: kind), limits: [], record: record, recent: []))
    }
    return account
  }

  @Test func `it is when the first count of the month before is over`() {
    let account = account([.preview: (6, 100), .card: (4, 200)])
    #expect(account.quotaEnd(QuotaMonth(number: 2, ends: 9_000), at: 50) == Moment(100))
  }

  @Test func `a count that is over holds nothing up`() {
    let account = account([.preview: (6, 100), .card: (4, 200)])
    #expect(account.quotaEnd(QuotaMonth(number: 2, ends: 9_000), at: 100) == nil)
  }
}
