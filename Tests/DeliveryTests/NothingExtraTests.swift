import Chance
import Delivery
import Larkspur
import Planning
import Testing

struct NothingExtra {
  @Test func `only lanes with the same audience share a call`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1")
    bench.ask("b", "ou_2")
    bench.ask("c", "ou_1")
    bench.ask("d")
    try bench.run()
    #expect(
      bench.timetable == """
        22 ms  a c for ou_1
        22 ms  b for ou_2
        22 ms  d for everyone
        """)
  }

  @Test func `with cover, lanes with different audiences share one`() throws {
    let bench = try Bench()
    bench.settings.packing = .cover(extraPairsMax: 900)
    bench.ask("a", "ou_1")
    bench.ask("b", "ou_2")
    bench.ask("d")
    try bench.run()
    #expect(bench.timetable == "22 ms  a b for ou_1 ou_2\n22 ms  d for everyone")
  }

  @Test func `an audience of 250 takes three calls, five seconds apart`() throws {
    let bench = try Bench()
    let people = (0..<250).map { "ou_\(1_000 + $0)" }
    let ask = bench.ask("a", audience: .people(people))
    try bench.run()
    #expect(bench.feishu.arrivals.map { $0.people?.count } == [100, 100, 50])
    #expect(bench.feishu.arrivals.flatMap { $0.people ?? [] } == people)
    #expect(bench.feishu.violations == [])
    #expect(try bench.state(ask) == .delivered)
  }

  @Test func `what was asked of a large audience in between is kept apart from its progress`()
    throws
  {
    let bench = try Bench()
    let people = (0..<150).map { "ou_\(1_000 + $0)" }
    let large = bench.ask("a", audience: .people(people))
    var again = 0
    // The first hundred have been reached, and one of them is asked for again.
    bench.world.after(1_000) { again = bench.ask("a", "ou_1000") }
    try bench.run()
    #expect(bench.feishu.arrivals.map { $0.people?.count } == [100, 51])
    #expect(bench.feishu.arrivals[1].people?.first == "ou_1000")
    #expect(try bench.state(large) == .delivered)
    #expect(try bench.state(again) == .delivered)
  }
}
