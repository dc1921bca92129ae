import Planning
import Testing

/// When a channel may make its next call, and why not before.
struct OpeningTests {
  private let now = Moment(ms: 1_000_000)
  private var channel = ChannelState(
    channel: Channel(account: 1, kind: .preview), limits: [Budget.Limit(1, per: .seconds(1))],
    record: ChannelRecord(), recent: [])
  private var account = AccountStanding(parked: nil, callsUnderWay: 0, quotaEnd: nil)

  private func opening(ahead lead: Span = 0) -> Opening {
    channel.opening(of: account, at: now, ahead: lead)
  }

  private func reasons(_ opening: Opening) -> [String] {
    opening.because.map { ($0.decides ? "*" : "") + $0.reason.rawValue }
  }

  @Test
  mutating func `an account that is not configured waits for a person, whatever else there is`() {
    account.isConfigured = false
    channel.pause(until: now + 500, why: "no")
    #expect(opening().at == nil)
    #expect(reasons(opening()) == ["*unconfigured", "paused"])
  }

  @Test func `with nothing in the way it is open now`() {
    #expect(opening().isNow)
    #expect(opening().at == now)
  }

  @Test func `of several reasons the one that lasts longest decides`() {
    var opening = Opening(at: now)
    opening.wait(for: .slot, until: now + 5)
    opening.wait(for: .delay, until: now + 9)
    opening.wait(for: .budget, until: now + 7)
    #expect(opening.at == now + 9)
    #expect(reasons(opening) == ["slot", "*delay", "budget"])
  }

  @Test func `a reason that is over is none`() {
    var opening = Opening(at: now)
    opening.wait(for: .slot, until: now)
    #expect(opening.isNow)
  }

  @Test func `where only an event can tell there is no moment, and that reason decides`() {
    var opening = Opening(at: now)
    opening.wait(for: .slot, until: now + 5)
    opening.wait(for: .inFlight, until: nil)
    #expect(opening.at == nil)
    #expect(reasons(opening) == ["slot", "*in_flight"])
  }

  @Test mutating func `a budget that is spent opens when its window does`() {
    channel.budget.begin(at: now - 10)
    channel.budget.answered(at: now - 10, after: 0)
    #expect(opening().at == now - 10 + .seconds(1) + Budget.margin)
    #expect(reasons(opening()) == ["*budget"])
  }

  @Test mutating func `a call may be written down ahead of its budget, but not ahead of a pause`() {
    channel.budget.begin(at: now - 10)
    channel.budget.answered(at: now - 10, after: 0)
    #expect(opening(ahead: 40).at == now - 10 + .seconds(1) + Budget.margin - 40)
    channel.pause(until: now + .seconds(3), why: "x")
    #expect(opening(ahead: 40).at == now + .seconds(3))
    #expect(reasons(opening()) == ["*paused", "budget"])
  }

  @Test mutating func `while all of the budget is under way only an answer can tell`() {
    channel.budget.begin(at: now)
    #expect(opening().at == nil)
    #expect(reasons(opening()) == ["*budget"])
  }

  @Test mutating func `after a pause one call at a time shows whether it is over`() {
    channel.pause(until: now - 1, why: "x")
    #expect(opening().isNow)
    channel.began(at: now - 1_500, turn: 1)
    #expect(opening().at == nil)
    #expect(reasons(opening()).contains("*paused"))
  }

  @Test
  mutating func `so does one call of a new run, in a month that an earlier run found spent`() {
    var record = ChannelRecord()
    record.spentMonth = 600
    channel = ChannelState(
      channel: channel.channel, limits: [Budget.Limit(2, per: .seconds(1))], record: record,
      recent: [])
    #expect(opening().isNow)
    channel.began(at: now, turn: 1)
    #expect(opening().at == nil)
  }

  @Test mutating func `a parked account opens for one call at its probe`() {
    account.parked = Parked(trouble: .credentials, why: "x", probe: now + .minutes(15))
    #expect(opening().at == now + .minutes(15))
    #expect(reasons(opening()) == ["*parked"])
    account.parked = Parked(trouble: .credentials, why: "x", probe: now)
    #expect(opening().isNow)
    account.callsUnderWay = 1
    #expect(opening().at == nil)
    #expect(reasons(opening()) == ["*parked"])
  }

  @Test mutating func `a quota that is used up counts for kinds that have one`() {
    account.quotaEnd = now + .days(3)
    #expect(opening().at == now + .days(3))
    #expect(reasons(opening()) == ["*quota"])
    channel = ChannelState(
      channel: Channel(account: 1, kind: .session), limits: [Budget.Limit(1, per: .seconds(1))],
      record: ChannelRecord(), recent: [])
    #expect(opening().isNow)
  }

  @Test mutating func `a month that Feishu calls spent is a quota, and any other pause is a pause`()
  {
    channel.pause(until: now + .hours(1), for: .quota, why: "99991403")
    #expect(reasons(opening()) == ["*quota"])
    channel.endPause()
    channel.pause(until: now + .hours(1), why: "503")
    #expect(reasons(opening()) == ["*paused"])
  }

  @Test func `the same reason twice counts once, for the longer time`() {
    var opening = Opening(at: now)
    opening.wait(for: .quota, until: now + 5)
    opening.wait(for: .quota, until: now + 3)
    #expect(opening.because.count == 1)
    #expect(opening.at == now + 5)
    opening.wait(for: .quota, until: nil)
    #expect(opening.at == nil)
    opening.wait(for: .quota, until: now + 9)
    #expect(opening.at == nil)
  }

  @Test func `a lane waits for its slot, after a failure for longer, under suspicion for its like`()
  {
    func reasons(_ lane: LaneStanding) -> [String] {
      self.reasons(lane.opening(Opening(at: now), at: now))
    }
    #expect(reasons(LaneStanding(ready: now + 5, slot: now + 5)) == ["*slot"])
    #expect(reasons(LaneStanding(ready: now + 5, slot: now + 5, hasFailed: true)) == ["*slot"])
    #expect(reasons(LaneStanding(ready: now + 5, slot: now, hasFailed: true)) == ["*backoff"])
    #expect(
      reasons(LaneStanding(ready: now + 5, slot: now, hasFailed: true, isSuspected: true))
        == ["*isolation"])
    #expect(reasons(LaneStanding(state: .inFlight, ready: now)) == ["*in_flight"])
  }

  @Test func `others that have been due for longer go first, and when that is over nobody knows`() {
    let lane = LaneStanding(ready: now - 5, isBehind: true)
    let opening = lane.opening(Opening(at: now), at: now)
    #expect(reasons(opening) == ["order"])
    #expect(opening.at == now)
    #expect(!opening.isNow)
  }

  @Test func `others that go first are one reason, however often that is said`() {
    var opening = Opening(at: now)
    opening.letOthersGoFirst(until: now + 5)
    opening.letOthersGoFirst()
    #expect(reasons(opening) == ["order"])
    #expect(opening.at == now)
  }

  @Test mutating func `a shorter pause does not cut a longer one`() {
    channel.pause(until: now + .seconds(9), for: .quota, why: "spent")
    channel.pause(until: now + .seconds(5), why: "503")
    #expect(channel.record.pausedUntil == now + .seconds(9))
    #expect(channel.record.pausedFor == .quota)
    #expect(channel.record.pausedWhy == "spent")
  }

  @Test mutating func `a channel leaves out of the file what concerns the whole account`() {
    account.parked = Parked(trouble: .permission, why: "no", probe: now + 5)
    channel.pause(until: now + .seconds(9), why: "503")
    #expect(opening().ofChannel == "{\"paused\":1009000}")
  }

  @Test mutating func `a channel without an access token waits until one may be asked for`() {
    account.tokenFrom = now + 5
    #expect(opening().at == now + 5)
    #expect(reasons(opening()) == ["*credentials"])
    account.tokenFrom = now
    #expect(opening().isNow)
  }
}
