import Chance
import Delivery
import Larkspur
import Planning
import Testing

struct Spacing {
  @Test func `a token asked for again goes five seconds after its answer`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1")
    bench.world.after(100) { bench.ask("a", "ou_1") }
    try bench.run(.stay, for: 20_000)
    // Sent at 21 after the access token; arrives at 22, answered at 42.
    #expect(bench.timetable == "22 ms  a for ou_1\n5048 ms  a for ou_1")
  }

  @Test func `a slow answer delays the next call, because the call may have arrived late`() throws {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in call == 1 ? .slow(3_000) : nil }
    bench.ask("a")
    bench.world.after(100) { bench.ask("a") }
    try bench.run(.stay, for: 20_000)
    #expect(bench.timetable == "22 ms  a for everyone\n8028 ms  a for everyone")
  }

  @Test func `a call that never left does not use the slot`() throws {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in call == 1 ? .neverLeft("connection refused") : nil }
    let ask = bench.ask("a")
    try bench.run()
    #expect(try bench.state(ask) == .delivered)
    #expect(bench.feishu.arrivals.count == 1)
    #expect(bench.feishu.arrivals[0].at - bench.start < 3_000)
    #expect(try bench.number("select attempts from lane") == 0)
  }

  @Test(arguments: [-3_600_000, 3_600_000])
  func `setting the wall clock by an hour changes nothing during a run`(step: Int) throws {
    let bench = try Bench()
    bench.ask("a")
    bench.world.after(100) {
      bench.world.wallOffset += step
      bench.ask("a")
    }
    try bench.run(.stay, for: 20_000)
    #expect(bench.timetable == "22 ms  a for everyone\n5048 ms  a for everyone")
  }

  @Test(arguments: [-3_600_000, 3_600_000])
  func `nor between two runs`(step: Int) throws {
    let bench = try Bench()
    bench.ask("a")
    try bench.run()
    bench.world.wallOffset += step
    bench.ask("a")
    try bench.run()
    #expect(bench.feishu.violations == [])
    let gap = bench.feishu.arrivals[1].at - bench.feishu.arrivals[0].at
    #expect(gap >= 5_000 && gap < 5_100)
  }

  @Test(arguments: [-3_600_000, 0, 3_600_000])
  func `nor across a restart of the machine, which is late by one window at most`(
    step: Int
  ) throws {
    let bench = try Bench()
    bench.ask("a")
    try bench.run()
    // The machine is off for two seconds, and its clock starts from zero.
    bench.world.boot = "boot-2"
    bench.world.wallOffset += step
    bench.world.now += 2_000
    bench.ask("a")
    try bench.run()
    #expect(bench.feishu.violations == [])
    #expect(bench.feishu.arrivals[1].at - bench.feishu.arrivals[0].at < 12_100)
  }

  @Test func `where the machine's starts cannot be told apart, every run counts as one`() throws {
    let bench = try Bench()
    bench.world.boot = nil
    bench.ask("a")
    try bench.run()
    bench.world.wallOffset += 3_600_000
    bench.ask("a")
    try bench.run()
    #expect(bench.feishu.violations == [])
  }
}
