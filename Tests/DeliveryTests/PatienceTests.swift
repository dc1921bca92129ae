import Delivery
import Foundation
import Larkspur
import Planning
import Testing

struct Patience {
  func answer(_ status: Int, _ code: Int) -> SimulatedFeishu.Fault {
    .answer(status, #"{"code":\#(code),"msg":"no"}"#)
  }

  @Test func `a rate limit pauses the API for as long as the server asks, and costs no attempt`()
    throws
  {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in
      call == 1
        ? .answer(429, #"{"code":99991400}"#, headers: ["x-ogw-ratelimit-reset": "7"]) : nil
    }
    bench.ask("a")
    bench.ask("b", "ou_1", after: 1_000)
    try bench.run()
    #expect(bench.feishu.arrivals.count == 3)
    #expect(bench.feishu.arrivals[1].at - bench.feishu.arrivals[0].at >= 7_000)
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 2)
  }

  /// The end of the wait as servers write it, and the resulting wait. Some give a wall-clock time;
  /// the wall clock stands at 1,700,001,000,000 ms when the run begins.
  @Test(arguments: [
    ("1700001030", 29_000), ("1700001030000", 29_000), ("1700001030.25", 29_250), ("29.2", 29_200),
    ("29.0001 ", 29_001), ("784111777", 3_600_000),
    ("1700004000", 2_999_000), ("1700009000", 3_600_000), ("86400", 3_600_000),
    ("99999999999999999999", 3_600_000), ("1600000000", 3_600_000),
  ])
  func `a wait may be given as a moment, and is an hour at most`(
    header: String, wait: Int
  ) throws {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in
      call == 1
        ? .answer(429, #"{"code":99991400}"#, headers: ["x-ogw-ratelimit-reset": header]) : nil
    }
    bench.ask("a")
    try bench.run(.stay, for: 4_000_000)
    let gap = try gap(bench)
    #expect((wait...wait + 2_000).contains(gap), "\(gap) ms")
  }

  @Test(arguments: [
    "0", "-5", "", "soon", "1e3", "0x10", "nan", "1.5.2", ".", "1700000990", "+3", "5 s",
  ])
  func `a header that names no time to wait is ignored`(header: String) throws {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in
      call == 1
        ? .answer(429, #"{"code":99991400}"#, headers: ["x-ogw-ratelimit-reset": header]) : nil
    }
    bench.ask("a")
    try bench.run()
    // The lane's slot of five seconds is longer than the worker's own pause after one refusal.
    let gap = try gap(bench)
    #expect((5_000..<6_000).contains(gap), "\(gap) ms")
  }

  @Test(arguments: [
    ("x-ogw-ratelimit-reset", "784111807"), ("retry-after", "784111807"),
    ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"),
  ])
  func `a moment is held against the server's own clock where it tells it`(
    header: String, value: String
  ) throws {
    let bench = try Bench()
    let headers = [header: value, "date": "Sun, 06 Nov 1994 08:49:37 GMT"]
    bench.feishu.fault = { call, _ in
      call == 1 ? .answer(429, #"{"code":99991400}"#, headers: headers) : nil
    }
    bench.ask("a")
    try bench.run()
    let gap = try gap(bench)
    #expect((30_000..<31_500).contains(gap), "\(gap) ms")
  }

  /// The time between the arrivals of the first and the second call.
  private func gap(_ bench: Bench) throws -> Int {
    let moments = bench.feishu.arrivals.map(\.at)
    try #require(moments.count == 2)
    return moments[1] - moments[0]
  }

  @Test func `the pause outlives the run`() throws {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in
      call == 1
        ? .answer(429, #"{"code":99991400}"#, headers: ["x-ogw-ratelimit-reset": "52"]) : nil
    }
    bench.ask("a")
    #expect(try bench.run(.once).leftBehind?.contains("99991400") == true)
    bench.world.now += 6_000
    let second = try bench.run(.once)
    #expect(second.leftBehind != nil)
    #expect(bench.feishu.arrivals.count == 1)
    try bench.run()
    #expect(bench.feishu.arrivals[1].at - bench.feishu.arrivals[0].at >= 52_000)
  }

  @Test func `a month that is used up waits for the first and is not asked again in seconds`()
    throws
  {
    let bench = try Bench()
    bench.feishu.fault = { [answer] call, _ in call == 1 ? answer(429, 99_991_403) : nil }
    let ask = bench.ask("a")
    let result = try bench.run()
    #expect(bench.feishu.arrivals.count == 1)
    #expect(result.leftBehind?.contains("99991403") == true)
    bench.world.now += 31 * 86_400_000
    try bench.run()
    #expect(try bench.state(ask) == .delivered)
  }

  @Test(arguments: [99_991_672, 10_014, 99_991_201])
  func `what only a person can mend parks the account, keeps the queue and is tried rarely`(
    code: Int
  ) throws {
    let bench = try Bench()
    bench.feishu.fault = { [answer] _, _ in answer(400, code) }
    let ask = bench.ask("a")
    let result = try bench.run()
    #expect(result.parked.count == 1)
    #expect(try bench.state(ask) == .open)
    bench.world.now += 60_000
    try bench.run(.once)
    #expect(bench.feishu.arrivals.count == 1)
    bench.world.now += 16 * 60_000
    try bench.run(.stay, for: 10_000)
    #expect(bench.feishu.arrivals.count == 2)
  }

  @Test func `resuming lets it go on at once, also under a run`() throws {
    let bench = try Bench()
    var isMended = false
    bench.feishu.fault = { [answer] _, _ in isMended ? nil : answer(400, 99_991_672) }
    let ask = bench.ask("a")
    bench.world.after(10_000) {
      isMended = true
      do {
        #expect(try Inspector(queue: bench.path).resume(account: "default"))
      } catch { Issue.record(error) }
    }
    try bench.run(.stay, for: 12_000)
    #expect(try bench.state(ask) == .delivered)
    #expect(bench.feishu.arrivals.last.map { $0.at - bench.start < 10_100 } == true)
    let told = bench.events.filter { if case .unparked = $0 { true } else { false } }
    #expect(told.count == 1)
  }

  @Test func `a host that cannot be reached is tried ever more rarely, at no cost to the lanes`()
    throws
  {
    let bench = try Bench()
    var tries = 0
    bench.feishu.fault = { _, at in
      tries += 1
      return at < bench.start + 600_000 ? .neverLeft("could not resolve host") : nil
    }
    let ask = bench.ask("a")
    bench.world.after(700_000) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    #expect(try bench.state(ask) == .delivered)
    #expect(tries < 60)
  }

  @Test func `once, with no way to the host, ends and says so`() throws {
    let bench = try Bench()
    bench.feishu.fault = { _, _ in .neverLeft("connection refused") }
    bench.ask("a")
    let result = try bench.run(.once)
    #expect(
      result.unreachable
        == "Feishu cannot be reached: connection refused (https://feishu.test)")
    #expect(bench.feishu.arrivals.isEmpty)
  }

  @Test func `a host that fails whatever it is sent is spared most of the queue`() throws {
    let bench = try Bench()
    bench.feishu.fault = { _, at in
      at < bench.start + 300_000 ? .answer(503, "<html>busy</html>") : nil
    }
    for token in 0..<1_000 { bench.ask("t\(token)", "ou_1") }
    bench.world.after(400_000) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    let failed = bench.feishu.arrivals.count { !$0.wasApplied }
    #expect(failed < 40, "\(failed) calls in five minutes")
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 1_000)
  }
}
