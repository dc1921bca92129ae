@testable import Delivery
import Larkspur
import Planning
import Testing

/// Old sightings are forgotten once a day.
struct SightingUpkeepTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  private func today() -> Int { WallMoment(ms: bench.world.now + bench.world.wallOffset).day }

  /// A preview that was last seen this many days ago, by the simulated clock.
  private func see(_ token: String, daysAgo: Int, account: String = "default") {
    let day = today() - daysAgo
    bench.sql(
      """
      insert into sighting (token, key, open_id, account)
      values ('\(token)', 'key-of-\(token)', 'ou_1', '\(account)');
      update known_token set seen_day = \(day) where name = '\(token)';
      update tag set seen_day = \(day)
      where token_id = (select id from known_token where name = '\(token)');
      update viewer set seen_day = \(day)
      where token_id = (select id from known_token where name = '\(token)');
      """)
  }

  private func rows(_ table: String) throws -> Int {
    try bench.number("select count(*) from \(table)")
  }

  @Test func `a worker forgets what was not seen for 30 days, and says on which day it did`() throws
  {
    // The first pass of a queue only notes the day.
    try bench.run()
    bench.world.now += .days(1)
    see("old", daysAgo: 31)
    see("new", daysAgo: 30)
    try bench.run()
    for table in ["previews", "keys", "viewer", "tag"] { #expect(try rows(table) == 1) }
    #expect(try bench.number("select forgot_day from worker") == today())
  }

  @Test func `a worker that stays does so once a day`() throws {
    var left: [Int] = []
    bench.world.after(60_000) { see("old", daysAgo: 31) }
    for hour in [1, 25] {
      bench.world.after(.hours(hour)) { left.append((try? rows("previews")) ?? -1) }
    }
    bench.world.after(.hours(26)) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    #expect(left == [1, 0])
  }

  @Test func `the next run of the day does not do it again`() throws {
    try bench.run()
    see("old", daysAgo: 31)
    try bench.run()
    #expect(try rows("previews") == 1)
    bench.world.now += .days(1)
    try bench.run()
    #expect(try rows("previews") == 0)
  }

  @Test func `a wall clock that was a year ahead once does not keep it from being done`() throws {
    bench.world.wallOffset += .days(365)
    try bench.run()
    bench.world.wallOffset -= .days(365)
    see("old", daysAgo: 31)
    bench.world.after(.hours(25)) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    #expect(try rows("previews") == 0)
  }

  @Test func `a wall clock that is years ahead makes nothing seem old`() throws {
    try bench.run()
    for day in [0, 10, 20] { see("seen-\(day)", daysAgo: day) }
    bench.world.wallOffset += .days(2_000)
    bench.world.now += .days(1)
    // A minute apart, as under cron.
    for _ in 0..<30 {
      try bench.run(.once)
      bench.world.now += .minutes(1)
    }
    bench.world.wallOffset -= .days(2_000)
    try bench.run(.once)
    #expect(try rows("previews") == 3)
  }

  @Test func `nor does it on a new queue`() throws {
    for day in [0, 10, 31] { see("seen-\(day)", daysAgo: day) }
    bench.world.wallOffset += .days(2_000)
    try bench.run()
    #expect(try rows("previews") == 3)
  }

  @Test func `after two months off nothing is forgotten at once`() throws {
    try bench.run()
    see("seen", daysAgo: 1)
    bench.world.boot = "boot-2"
    bench.world.wallOffset += .days(60)
    try bench.run()
    #expect(try rows("previews") == 1)
    for _ in 0..<60 {
      bench.world.now += .days(1)
      try bench.run()
    }
    #expect(try rows("previews") == 0)
  }

  @Test func `what was recorded while the clock was ahead gets the day of the pass`() throws {
    try bench.run()
    bench.world.now += .days(1)
    see("ahead", daysAgo: -2_000)
    see("tomorrow", daysAgo: -1)
    try bench.run()
    let day = today()
    for table in ["known_token", "tag", "viewer"] {
      #expect(try bench.number("select min(seen_day) from \(table)") == day)
      #expect(try bench.number("select max(seen_day) from \(table)") == day + 1)
    }
  }

  @Test func `each account keeps its sightings for as long as it is configured to`() throws {
    var shop = AccountSettings(
      name: "shop", host: "https://feishu.test", appID: "cli_2", secret: .environment("S"))
    shop.sightings.days = 7
    shop.sightings.previewsPerKey = 2
    bench.others = [shop]
    try bench.run()
    bench.world.now += .days(1)
    for number in 0..<3 { see("default-\(number)", daysAgo: 8) }
    for token in ["a", "b", "c"] {
      bench.sql("insert into sighting (token, key, account) values ('\(token)', 'k', 'shop')")
    }
    see("shop", daysAgo: 8, account: "shop")
    try bench.run()
    #expect(try rows("previews where account = 'default'") == 3)
    #expect(try rows("previews where account = 'shop'") == 2)
    #expect(try bench.number("select dropped from keys where account = 'shop'") == 1)
  }

  @Test func `a retention that is changed while the worker runs holds from the next pass on`()
    throws
  {
    bench.world.after(60_000) { see("old", daysAgo: 8) }
    bench.world.after(120_000) { [bench] in bench.edit { $0[0].sightings.days = 7 } }
    bench.world.after(.hours(25)) { [bench] in bench.world.stopRequests = 1 }
    try bench.run(.stay)
    #expect(try rows("previews") == 0)
    #expect(
      try bench.number("select limits ->> '$.sightings_days' from account where name = 'default'")
        == 7)
  }

  @Test func `a run that only looks ahead forgets nothing`() throws {
    see("old", daysAgo: 31)
    let worker = Worker(
      store: try WorkerStore(queue: bench.path), world: bench.world, accounts: [bench.settings],
      mode: WorkMode(goal: .untilEmpty), callTimeout: 10_000, readSecret: { _ in .success("s") },
      report: { _ in })
    worker.keepsHouse = false
    _ = try worker.run()
    #expect(try rows("previews") == 1)
  }
}
