import Chance
import Delivery
import Larkspur
import Planning
import Testing

struct Coalescing {
  @Test func `asks that arrive while a lane waits become one call`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1")
    bench.ask("a", "ou_2")
    bench.ask("a", "ou_1")
    try bench.run()
    #expect(bench.timetable == "22 ms  a for ou_1 ou_2")
  }

  @Test func `everyone absorbs people`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1")
    bench.ask("a")
    try bench.run()
    #expect(bench.timetable == "22 ms  a for everyone")
  }

  @Test func `asks that arrive in flight make exactly one call more, for them alone`() throws {
    let bench = try Bench()
    bench.feishu.latency_ms = 500
    bench.ask("a", "ou_1")
    for delay in [600, 650, 700] {
      bench.world.after(delay) { bench.ask("a", "ou_\(delay)") }
    }
    try bench.run()
    #expect(
      bench.timetable == "502 ms  a for ou_1\n6008 ms  a for ou_600 ou_650 ou_700")
  }

  @Test func `a lane that is asked for all the time goes once a slot`() throws {
    let bench = try Bench()
    for tick in 0..<300 { bench.world.after(tick * 100) { bench.ask("a", "ou_1") } }
    bench.ask("z", after: 30_000)
    try bench.run()
    let calls = bench.feishu.arrivals.filter { $0.tokens == ["a"] }.count
    #expect(calls == 6 || calls == 7)
    #expect(bench.feishu.violations == [])
  }
}
