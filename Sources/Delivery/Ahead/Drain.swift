import Larkspur
import Planning

/// How an account's backlog drains, if nothing else is asked for.
struct Drain {
  private(set) var emptyAt: Moment
  private(set) var isExact = true
  private(set) var calls: Int
  private(set) var lanesPerSecond = 0.0
  /// How long its calls waited for what.
  private var waited: [Opening.Reason: Span] = [:]

  /// What its calls wait for longest.
  var decides: Opening.Reason? {
    waited.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key
  }

  init(
    _ account: StoredAccount, _ foresight: Foresight, _ backlog: Backlog, monthEnds: Moment
  ) throws(StoreError) {
    let rehearsal = foresight.rehearsal
    let rehearsed = rehearsal.calls.filter { $0.channel.account == account.id }
    emptyAt = rehearsal.lastAnswer(of: account.id) ?? foresight.now
    calls = rehearsed.count
    countWaits(of: rehearsed, from: foresight.now)
    let open = try rehearsal.lanesLeft(of: account.id)
    for kind in Kind.allCases {
      let own = rehearsed.filter { $0.channel.kind == kind }
      guard let last = own.last else { continue }
      let pace = Pace(own, from: foresight.now)
      lanesPerSecond += pace.lanesPerSecond
      let left = rehearsal.isComplete ? open[kind] ?? 0 : (backlog.lanes[kind] ?? 0) - pace.lanes
      if left <= 0 { continue }
      var quota: Quota?
      if kind.rules.hasQuota, let most = account.monthlyQuota.map({ $0 - account.quotaReserve }) {
        quota = Quota(most, used: backlog.monthCalls, own, monthEnds: monthEnds)
      }
      drain(left, at: pace, after: last.at, quota)
    }
  }

  private mutating func countWaits(of calls: [Rehearsal.Call], from began: Moment) {
    var last = began
    for call in calls.sorted(by: { $0.at < $1.at }) {
      if let reason = call.decides { waited[reason, default: 0] += call.at - last }
      last = call.at
    }
  }

  /// What has gone, and how fast.
  struct Pace {
    let lanes: Int
    let calls: Int
    let within: Span

    var lanesPerSecond: Double { Double(lanes) * 1_000 / Double(within) }

    /// A wait for the next month says nothing about how fast it goes.
    init(_ made: [Rehearsal.Call], from began: Moment) {
      lanes = made.reduce(0) { $0 + $1.lanes.count }
      calls = made.count
      var (span, last): (Span, Moment) = (0, began)
      for call in made.sorted(by: { $0.at < $1.at }) {
        if call.decides != .quota { span += call.at - last }
        last = call.at
      }
      within = max(1, span)
    }
  }

  /// The quota of the month in which the last call was rehearsed.
  struct Quota {
    let most: Int
    let left: Int
    let ends: Moment

    init(_ most: Int, used: Int, _ made: [Rehearsal.Call], monthEnds: Moment) {
      let later = made.count { $0.at >= monthEnds }
      let count = later > 0 ? later : used + made.count
      (self.most, left) = (most, max(0, most - count))
      ends = later > 0 ? monthEnds + Self.month : monthEnds
    }

    static let month: Span = .days(30)
  }

  /// As many lanes go in each second and in each call as in the calls that were rehearsed, until
  /// the quota is used up. The next months each begin with a whole one.
  private mutating func drain(
    _ lanes: Int, at pace: Pace, after last: Moment, _ quota: Quota?
  ) {
    isExact = false
    let needed = (lanes * pace.calls + pace.lanes - 1) / max(1, pace.lanes)
    calls += needed
    var ends = last + lanes * pace.within / max(1, pace.lanes)
    var waitsFor = decides ?? .budget
    if let quota, quota.most > 0, needed > quota.left {
      let later = needed - quota.left
      let months = (later - 1) / quota.most
      let ofLast = later - months * quota.most
      ends = max(
        ends, quota.ends + Quota.month * months + ofLast * pace.within / max(1, pace.calls))
      waitsFor = .quota
    }
    waited[waitsFor, default: 0] += max(0, ends - emptyAt)
    emptyAt = max(emptyAt, ends)
  }
}
