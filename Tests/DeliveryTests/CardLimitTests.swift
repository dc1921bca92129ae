import Larkspur
import Testing

/// The pace of cards.
struct CardLimitTests {
  @Test func `a card takes ten a second and an account fifty, and no limit is ever exceeded`()
    throws
  {
    let bench = try Bench()
    bench.settings.joins = false
    for index in 0..<30 { bench.batch("c", "e\(index)") }
    for index in 0..<100 { bench.batch("d\(index)", "x") }
    try bench.run()
    #expect(bench.feishu.cards.applied["c"]?.count == 30)
    #expect(bench.feishu.cards.violations == [])
    let span = (bench.feishu.cards.moments["c"]?.last ?? 0) - bench.start
    #expect(span < 8_000, "thirty of one card took \(span) ms")
  }

  @Test func `a flood of previews delays a card by no more than one call`() throws {
    let bench = try Bench()
    for index in 0..<5_000 { bench.ask("t\(index)", "ou_1") }
    bench.batch("c", "x")
    bench.world.after(300) { bench.batch("d", "y") }
    try bench.run(.stay, for: 2_000)
    let previews = bench.feishu.arrivals.map(\.at)
    let first = try #require(bench.feishu.cards.moments["c"]?.first)
    #expect(previews.count { $0 < first } == 0)
    let second = try #require(bench.feishu.cards.moments["d"]?.first)
    #expect(second - bench.start < 310)
  }

  @Test func `a burst does not leave the rest of the minute empty`() throws {
    let bench = try Bench()
    for index in 0..<1_500 { bench.batch("c\(index)", "x") }
    try bench.run()
    let moments = bench.feishu.cards.moments.values.flatMap { $0 }.sorted()
    #expect(moments.count == 1_500 && bench.feishu.cards.violations == [])
    let gaps = zip(moments, moments.dropFirst()).map { $1 - $0 }
    // The first second's budget goes in a burst. From then on calls come one by one.
    #expect(gaps.max() ?? 0 < 1_100 && gaps.dropFirst(50).max() ?? 0 < 100)
    #expect((moments.last ?? 0) - (moments.first ?? 0) < 95_000)
  }
}
