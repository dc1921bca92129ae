import Delivery
import Larkspur
import Planning
import Testing

/// Rows of the worker's own tables that were changed around the schema. No ask is lost, and no run
/// ends because of it.
struct DamagedRowTests {
  enum Time: CaseIterable {
    case whileLanesWait, duringACall, betweenRuns, afterAReboot
  }

  private static let numbers = [
    "9223372036854775807", "-9223372036854775807 - 1", "4102444800000000",
  ]

  private static func every(_ table: String, _ columns: String...) -> [String] {
    columns.flatMap { column in
      numbers.map { "update or ignore \(table) set \(column) = \($0)" }
    }
  }

  static let numberDamages: [String] =
    every(
      "lane", "id", "since_ms", "ready_ms", "slot_ms", "expires_ms", "calls", "attempts",
      "audience_id",
      "follow_id", "account_id", "group_id", "people_max", "strikes", "failed_ms", "failing_ms",
      "limits",
      "evidence", "single_through", "call_id")
    + every(
      "worker", "folded_ask", "control", "offset_ms", "skew_ms", "newest_ms", "pruned_ms")
    + every(
      "call", "id", "account_id", "audience_id", "started_ms", "sent_ms", "ended_ms", "http_status")
    + every(
      "budget", "account_id", "month", "month_calls", "month_ends_ms", "other_month", "other_calls",
      "failures", "refusals", "refused_lane", "deaths", "probes", "failed_ms", "recovered_ms",
      "foreign_ms", "limited_ms", "spent_month")
    + every("account", "id", "refusals") + every("audience", "id", "account_id", "hash", "used_ms")

  static let damages: [String] = [
    "update lane set state = 'idle', audience_id = null, ready_ms = null, call_id = null, follow_id = null",
    "update lane set state = 'waiting', call_id = null, follow_id = null where state = 'in_flight'",
    "update lane set state = 'in_flight', call_id = 99 where state = 'waiting'",
    "update lane set state = 'in_flight', call_id = 1 where state = 'waiting'",
    "update lane set audience_id = 2 where audience_id is not null",
    "update lane set follow_id = 99 where state = 'in_flight'",
    "update lane set many_calls = 1",
    "update lane set many_calls = 1 - many_calls, proven = 1, group_id = 7, people_max = 1000000000",
    "update lane set memory = '{\"sequence\":9223372036854775807}'",
    "update or ignore lane set name = 'other'", "delete from lane",
    "update lane set follow_id = 1 where state = 'in_flight'",
    "update lane set follow_id = 1 where state = 'in_flight'",
    "update worker set boot = 'x', newest_ms = 0", "update worker set boot = 'x', offset_ms = 5",
    "delete from worker", "delete from call", "delete from call where ended_ms is null",
    "update call set ended_ms = null, outcome = null", "update call set lanes = '5'",
    "delete from budget", "update account set name = 'other'", "delete from account",
    "update budget set paused_ms = 9223372036854775807, probes = -5",
    "update account set parked = 'credentials', probe_ms = 9223372036854775807",
    "delete from audience", "update audience set members = 'no list', size = 1",
    "update audience set members = '[]' where size is not null",
    "update audience set members = '[1]' where size is not null",
    "update audience set members = '[\"ou_stranger\"]' where size is not null",
    "update or ignore audience set members = null, size = null where id = 1",
    "update audience set size = 1000000 where size is not null",
    "delete from sqlite_sequence", "update sqlite_sequence set seq = 0",
    "update sqlite_sequence set seq = 9223372036854775807", "update sqlite_sequence set seq = 'x'",
    "delete from ask where outcome is not null; update sqlite_sequence set seq = 0",
    "update worker set folded_ask = folded_ask + 1000",
  ]

  @Test(arguments: numberDamages, [Time.duringACall, .betweenRuns])
  func `any number in any of their columns ends no run and loses nothing`(
    damage: String, time: Time
  ) throws {
    try expectAllDelivered(damage, time)
  }

  @Test(arguments: damages, Time.allCases)
  func `whatever is done to them, everything that was asked is delivered to those it names`(
    damage: String, time: Time
  ) throws {
    try expectAllDelivered(damage, time)
  }

  private func expectAllDelivered(_ damage: String, _ time: Time) throws {
    let bench = try Bench()
    bench.ask("done", "ou_1")
    try bench.run()
    bench.world.now += 20_000
    var asks = [
      bench.ask("a", "ou_1"), bench.ask("a", "ou_1", "ou_2"), bench.ask("b"),
      bench.ask("late", "ou_3", after: 3_000), bench.batch("c", "e1"),
      bench.write("session_1", #"{"metadata":"a"}"#), bench.ask("done", "ou_2"),
    ]
    bench.feishu.latency_ms = 1_500
    switch time {
    case .whileLanesWait:
      bench.feishu.tokenAnswer = { [now = bench.world.now] _, at in
        at < now + 2_000 ? .neverLeft("no") : AccessTokens.token("t-1")
      }
      bench.world.after(500) { bench.tamper(damage) }
      bench.world.after(800) { asks.append(bench.ask("a", "ou_4")) }
    case .duringACall:
      bench.world.after(2_200) { bench.tamper(damage) }
      bench.world.after(2_400) { asks.append(bench.ask("a", "ou_4")) }
    case .betweenRuns, .afterAReboot:
      try bench.run(.stay, for: 300)
      bench.tamper(damage)
      bench.world.now += 1_000
      if time == .afterAReboot { reboot(bench) }
      bench.world.after(800) { asks.append(bench.ask("a", "ou_4")) }
    }
    try bench.run(.stay, for: 90_000)
    // What no index finds is found within the hour.
    try bench.intake.db.run(script: "update worker set pruned_ms = 0")
    try bench.run(.stay, for: 90_000)
    asks.append(bench.ask("new", "ou_5"))
    try bench.run()
    for ask in asks { #expect(try bench.state(ask) == .delivered, "ask \(ask)") }
    let people = bench.feishu.arrivals.flatMap { $0.people ?? [] }
    #expect(people.allSatisfy { $0.wholeMatch(of: #/ou_[1-5]/#) != nil })
    #expect(try bench.number("select count(*) from ask where outcome is null") == 0)
  }

  @Test func `a queue's clock that is set back does not hold a delayed ask for longer`() throws {
    let bench = try Bench()
    let ask = bench.ask("late", "ou_1", after: 3_000)
    try bench.run(.stay, for: 300)
    bench.tamper(
      """
      update worker set newest_ms = newest_ms - 7200000, offset_ms = offset_ms - 7200000, pruned_ms = 0
      """)
    try bench.run(.stay, for: 30_000)
    #expect(try bench.state(ask) == .delivered)
  }

  @Test func `rows that are damaged again and again between two turns end no run`() throws {
    let bench = try Bench()
    bench.withholdTokens(for: 2_000)
    let asks = (1...12).map { bench.ask("a\($0)", "ou_1") }
    let damages = spoil(bench) { "update lane set audience_id = 90 + \($0) where name = 'a\($0)'" }
    try bench.run(.stay, for: 30_000)
    #expect(damages() > 10)
    for ask in asks { #expect(try bench.state(ask) == .delivered) }
  }

  /// Changes a row while the lanes wait, and then whenever a repair lets others write. Returns how often so far.
  private func spoil(_ bench: Bench, _ damage: @escaping (Int) -> String) -> () -> Int {
    var count = 0
    let spoil = {
      // While a turn holds the lock, nobody else writes.
      if (try? bench.intake.db.run(script: "begin immediate; commit")) == nil { return }
      count += 1
      bench.tamper(damage(count))
    }
    bench.world.after(500) {
      spoil()
      bench.world.onProgress = spoil
    }
    return { count }
  }

  private func reboot(_ bench: Bench) {
    bench.world.boot = "boot-2"
    bench.world.wallOffset += bench.world.now - 5_000
    bench.world.now = 5_000
  }

  /// With the schema's triggers on, as `sqlite3` runs them.
  @Test(arguments: [
    "update lane set audience_id = (select audience_id from lane where name = 'b') where name = 'a'",
    "update lane set name = 'x' where name = 'a'", "delete from lane where name = 'a'",
    "update lane set state = 'idle', audience_id = null, ready_ms = null where name = 'a'",
    "update lane set ready_ms = 9223372036854775807, slot_ms = 9223372036854775807",
    "update ask set lane_id = null where lane = 'a'",
    "update ask set lane_id = 99 where lane = 'a'",
    "update ask set lane_id = (select id from lane where name = 'b') where lane = 'a'",
    "update ask set first_call = 99", "update ask set audience_id = null",
  ])
  func `what is changed in a lane that waits is put right before its next call`(change: String)
    throws
  {
    let bench = try Bench()
    bench.withholdTokens(for: 2_000)
    let asks = [bench.ask("a", "ou_1"), bench.ask("a", "ou_2"), bench.ask("b", "ou_3")]
    bench.world.after(500) { bench.sql(change) }
    try bench.run(.stay, for: 90_000)
    for ask in asks { #expect(try bench.state(ask) == .delivered, "ask \(ask)") }
    let told = bench.feishu.arrivals.flatMap { arrival in
      arrival.tokens.map { token in "\(token) \(arrival.people?.joined(separator: " ") ?? "")" }
    }
    #expect(told.sorted() == ["a ou_1 ou_2", "b ou_3"])
  }

  @Test(arguments: ["lane_id = null", "lane_id = null, due_ms = null, first_call = null"])
  func `asks that were taken out of their lanes with the triggers off are found at once`(
    change: String
  ) throws {
    let bench = try Bench()
    bench.withholdTokens(for: 2_000)
    let asks = (0..<1_200).map { bench.ask("t\($0 % 40)", "ou_1") }
    bench.world.after(1_500) { bench.tamper("update ask set \(change)") }
    try bench.run(.stay, for: 60_000)
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == asks.count)
  }
}
