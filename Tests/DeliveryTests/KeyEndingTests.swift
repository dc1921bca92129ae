import Delivery
import Larkspur
import Planning
import Testing

/// Very many asks wait for the same previews.
struct KeyEndingTests {
  private let bench: Bench

  init() throws { bench = try Bench() }

  private func saw(_ count: Int) {
    for number in 0..<count {
      bench.sql("insert into sighting (token, key) values ('w\(number)', 'k')")
    }
  }

  private func ask(_ count: Int) {
    let asked = bench.world.now + bench.world.wallOffset
    bench.sql(
      """
      with recursive numbers (value) as (
        select 1 union all select value + 1 from numbers where value < \(count))
      insert into ask (kind, lane, body, asked_ms) select 'key', 'k', '{"everyone":true}', \(asked) from numbers
      """)
  }

  private func count(_ condition: String) throws -> Int {
    try bench.number("select count(*) from ask where kind = 'key' and \(condition)")
  }

  /// How many rows a statement changes, with what its triggers change.
  private func changes(_ sql: String) throws -> Int {
    let total = {
      try bench.intake.db.first("select total_changes()") { (row) throws(StoreError) in row.int(0) }
        ?? 0
    }
    let before = try total()
    bench.sql(sql)
    return try total() - before
  }

  @Test func `a part that is deleted changes few rows, however many asks wait for it`() throws {
    saw(3)
    bench.withholdTokens(for: 60_000)
    ask(1_000)
    var changed = 0
    bench.world.after(20_000) {
      changed = (try? changes("delete from ask where lane = 'w1' and outcome is null")) ?? 0
    }
    try bench.run(.stay, for: 100_000)
    #expect(1...10 ~= changed)
    #expect(try count("outcome = 'dead' and reason = 'not refreshed: w1; cancelled'") == 1_000)
    #expect(try count(#"refused = '["w1"]'"#) == 1_000)
    #expect(try bench.number("select count(*) from not_refreshed") == 0)
  }

  @Test func `more asks than one turn ends are ended before the run is over`() throws {
    saw(3)
    ask(1_300)
    try bench.run()
    #expect(try count("outcome = 'delivered'") == 1_300)
    #expect(try bench.number("select count(*) from lane where state <> 'idle'") == 0)
  }

  @Test func `so are those with long lists of what was not refreshed`() throws {
    saw(900)
    bench.withholdTokens(for: 60_000)
    ask(600)
    bench.world.after(20_000) {
      bench.sql("delete from ask where part_of is not null and lane <> 'w0' and outcome is null")
    }
    try bench.run(.stay, for: 100_000)
    #expect(try count("outcome = 'dead' and json_array_length(refused) = 899") == 600)
    #expect(bench.feishu.arrivals.map(\.tokens) == [["w0"]])
  }

  @Test func `an ask that comes after a preview was cancelled refreshes it`() throws {
    saw(2)
    bench.withholdTokens(for: 60_000)
    ask(1)
    bench.world.after(5_000) { bench.sql("delete from ask where lane = 'w1' and outcome is null") }
    bench.world.after(10_000) { ask(1) }
    try bench.run(.stay, for: 100_000)
    #expect(try count("outcome = 'dead' and reason = 'not refreshed: w1; cancelled'") == 1)
    #expect(try count("outcome = 'delivered'") == 1)
    #expect(Set(bench.feishu.arrivals.flatMap(\.tokens)) == ["w0", "w1"])
  }

  @Test func `the reason is that of the preview which is named`() throws {
    saw(2)
    bench.withholdTokens(for: 60_000)
    bench.feishu.badTokens = ["w0"]
    ask(1)
    bench.world.after(5_000) { bench.sql("delete from ask where lane = 'w1' and outcome is null") }
    try bench.run(.stay, for: 200_000)
    #expect(try count("reason = 'not refreshed: w1 and 1 more; cancelled'") == 1)
  }

  @Test func `cancelling a key leaves nothing to remember`() throws {
    saw(2)
    bench.withholdTokens(for: 60_000)
    ask(1)
    bench.world.after(5_000) {
      bench.sql("delete from ask where lane = 'w1' and outcome is null")
      _ = try? Inspector(queue: bench.path).cancel(lane: "k", account: nil)
    }
    try bench.run(.stay, for: 100_000)
    #expect(try bench.number("select count(*) from not_refreshed") == 0)
    #expect(try count("outcome = 'cancelled'") == 1)
  }
}
