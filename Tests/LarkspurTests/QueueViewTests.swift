import Chance
import Foundation
import Planning
import Testing

@testable import Larkspur

/// The view `queue` says the same about each lane as `Opening`.
struct QueueViewTests {
  private let folder: TemporaryFolder
  private let store: WorkerStore
  private let account: Int
  private let now = Moment(Int(Date().timeIntervalSince1970 * 1_000))

  init() throws {
    folder = try TemporaryFolder()
    let store = try WorkerStore(queue: folder.queue)
    let wall = now.ms
    account = try store.transaction { () throws(StoreError) in
      try store.setClock(.init(wall_ms: wall, sinceBoot_ms: 0, boot: "b"), charged: [])
      return try store.account("default")
    }
    self.store = store
  }

  /// Hours away from now, so that nothing changes while the test runs.
  private func moment(_ dice: inout Dice) -> Moment {
    now + .hours(dice.number(1...9)) * (dice.chance(600) ? 1 : -1)
  }

  /// A channel with random pauses and calls, stored as the loop does.
  private func channel(_ kind: Kind, _ dice: inout Dice) throws -> Opening {
    var channel = ChannelState(
      channel: Channel(account: account, kind: kind),
      limits: [Budget.Limit(1, per: .hours(20))], record: ChannelRecord(), recent: [])
    if dice.chance(300) {
      channel.pause(
        until: moment(&dice), for: dice.pick([.paused, .quota, .credentials]), why: "so")
    }
    if dice.chance(500) {
      channel.budget.begin(at: now - .hours(1))
      // Otherwise the budget opens only when an answer arrives.
      if dice.chance(500) { channel.budget.answered(at: now - .hours(1), after: 50) }
    }
    let standing = AccountStanding(
      parked: nil, callsUnderWay: 0, quotaEnd: dice.chance(200) ? moment(&dice) : nil,
      reservedUntil: dice.chance(200) ? moment(&dice) : nil,
      tokenFrom: dice.chance(200) ? moment(&dice) : nil)
    let opening = channel.opening(of: standing, at: now, ahead: 0)
    channel.record.opening = opening.ofChannel
    try store.put(channel.record, account, kind.api)
    return opening
  }

  private struct Row: Equatable {
    var next: String
    var because: String
  }

  /// Reasons of the account come first. Of those of the lane and its channel, the one that lasts
  /// longer counts.
  private func expected(
    _ lane: LaneStanding, _ all: Opening, isParked: Bool, isConfigured: Bool
  ) -> Row {
    let channel = lane.turn.urgency == .urgent ? all.exceptReserve() : all
    let opening = lane.opening(channel, at: now)
    let own = opening.because.filter { blocker in
      !channel.because.contains { $0.reason == blocker.reason }
    }
    let shared = channel.because.sorted { left, right in
      let (one, other) = (left.until ?? .max, right.until ?? .max)
      return one == other ? left.reason.rawValue < right.reason.rawValue : one > other
    }
    let isLaneLast = lane.ready <= now || channel.at.map { lane.ready <= $0 } ?? true
    let both = (isLaneLast ? shared + own : own + shared).map(\.reason)
    var account: [Opening.Reason] = isConfigured ? [] : [.unconfigured]
    if isParked { account.append(.parked) }
    let reasons: [Opening.Reason] =
      lane.state == .inFlight ? [.inFlight] : account + both
    let next =
      if reasons.contains(.inFlight) {
        "answer awaited"
      } else if !isConfigured {
        "once the account is configured"
      } else if isParked {
        "after: larkspur resume default"
      } else if let at = opening.at {
        at <= now ? "now" : "\((at.ms + 999) / 1_000)"
      } else {
        "answer awaited"
      }
    return Row(next: next, because: reasons.map(\.rawValue).joined(separator: ", "))
  }

  /// Lanes in random states, and what each of them waits for.
  private func lanes(_ kind: Kind, _ dice: inout Dice) throws -> [(name: String, LaneStanding)] {
    var lanes: [(name: String, LaneStanding)] = []
    for number in 0..<dice.number(1...6) {
      let ready = moment(&dice)
      let lane = LaneStanding(
        state: dice.chance(150) ? .inFlight : .waiting, ready: ready,
        slot: dice.chance(500) ? ready : ready - 1, hasFailed: dice.chance(300),
        isSuspected: dice.chance(150),
        turn: LaneTurn(
          dice.chance(250) ? .urgent : .ordinary,
          at: dice.chance(250) ? max(ready, moment(&dice)) : ready))
      lanes.append(("\(kind.rawValue)-\(number)", lane))
    }
    for place in lanes.indices {
      let turn = lanes[place].1.turn
      lanes[place].1.isBehind = lanes.contains { _, other in
        other.state == .waiting && other.ready <= now
          && (other.turn.urgency == turn.urgency
            ? other.turn.at < turn.at : other.turn.urgency == .urgent)
      }
    }
    return lanes
  }

  private func put(_ lane: LaneStanding, _ name: String, _ kind: Kind) throws {
    let isInFlight = lane.state == .inFlight
    try store.db.execute(
      """
      insert into lane (account_id, kind, name, state, call_id, audience_id, ready_ms, slot_ms, failed_ms,
        group_id, urgent, spread_ms)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, .int(account), .text(kind.rawValue), .text(name),
      .text(isInFlight ? "in_flight" : "waiting"), .of(isInFlight ? 1 : nil),
      .of(kind == .preview ? 1 : nil), .of(lane.ready), .of(lane.slot),
      .of(lane.hasFailed ? 5 : nil), .of(lane.isSuspected ? 7 : nil),
      .int(lane.turn.urgency.rawValue),
      .of(lane.turn.at > lane.ready ? lane.turn.at : .zero))
  }

  private func rows() throws -> [String: Row] {
    var rows: [String: Row] = [:]
    try store.db.each(
      """
      select lane, iif(next glob '????-??-?? *', strftime('%s', next, 'utc'), next), because from queue
      """
    ) { (row) throws(StoreError) in rows[row.text(0)] = Row(next: row.text(1), because: row.text(2))
    }
    return rows
  }

  @Test(arguments: 1...60) func `on any queue`(seed: UInt64) throws {
    var dice = Dice(seed)
    var expected: [String: Row] = [:]
    let (isParked, isConfigured) = (dice.chance(150), !dice.chance(150))
    try store.transaction { () throws(StoreError) in
      if isParked {
        try store.park(
          account, Parked(trouble: .permission, why: "no", probe: now + .hours(1)), at: now)
      }
      try store.note(configured: isConfigured ? [("default", "{}")] : [], tenants: [])
      try store.db.execute(
        "insert into audience (id, account_id, hash, used_ms) values (1, 1, 0, 0)")
    }
    for kind in Kind.allCases {
      var opening = Opening(at: now)
      if dice.chance(800) { opening = try channel(kind, &dice) }
      for (name, lane) in try lanes(kind, &dice) {
        try put(lane, name, kind)
        expected[name] = self.expected(
          lane, opening, isParked: isParked, isConfigured: isConfigured)
      }
    }
    #expect(try rows() == expected, "seed \(seed)")
  }

  @Test func `an ask that no worker has seen says that its account is not configured`() throws {
    try store.transaction { () throws(StoreError) in try store.note(configured: [], tenants: []) }
    _ = try Intake(queue: folder.queue).add([.preview("a", for: .everyone)])
    let row = Row(next: "once the account is configured", because: "unconfigured")
    #expect(try rows() == ["a": row])
  }

  private func states() throws -> [String] {
    try store.db.all("select state from queue order by lane") { (row) throws(StoreError) in
      row.text(0)
    }
  }

  private func putReadyLane() throws {
    try store.transaction { () throws(StoreError) in
      try store.db.execute(
        "insert into audience (id, account_id, hash, used_ms) values (1, 1, 0, 0)")
    }
    try put(LaneStanding(ready: now - 1), "a", .preview)
  }

  @Test func `a lane that waits for an access token is paused, and says when it ends and why`()
    throws
  {
    try putReadyLane()
    #expect(try states() == ["ready"])
    var login = ChannelRecord()
    login.pause(until: now + .hours(1), for: .paused, why: "no access token")
    var channel = ChannelState(
      channel: Channel(account: account, kind: .preview), limits: [], record: ChannelRecord(),
      recent: [])
    channel.record.opening =
      channel.opening(
        of: AccountStanding(
          parked: nil, callsUnderWay: 0, quotaEnd: nil, tokenFrom: login.pausedUntil),
        at: now, ahead: 0
      ).ofChannel
    try store.put(login, account, .auth)
    try store.put(channel.record, account, .preview)
    #expect(try states() == ["paused"])
    let row = try rows()["a"]
    #expect(row?.because == "credentials")
    #expect(row?.next == "\((now.ms + 3_600_999) / 1_000)")
    let why = try store.db.all("select last_error from queue") { (row) throws(StoreError) in
      row.text(0)
    }
    #expect(why == ["no access token"])
    #expect(try store.db.all("select lane from ready") { _ in 1 }.isEmpty)
  }

  @Test func `a lane of an account that is not configured is not ready`() throws {
    try putReadyLane()
    try store.transaction { () throws(StoreError) in try store.note(configured: [], tenants: []) }
    #expect(try states() == ["waiting"])
  }

  @Test func `an ask that may not go yet says so`() throws {
    _ = try Intake(queue: folder.queue).add([
      .preview("a", for: .everyone, after: .seconds(3_600))
    ])
    #expect(try rows()["a"]?.because == "delay")
  }
}
