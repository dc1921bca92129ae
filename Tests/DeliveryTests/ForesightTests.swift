import Chance
import Delivery
import Larkspur
import Planning
import Testing

/// What a lane waits for, as far as it can be foreseen on a copy of the queue.
struct ForesightTests {
  private func foresee(
    _ lane: String, of bench: Bench, isRunning: Bool = true
  ) throws -> (LaneForecast, now: Moment) {
    let inspector = try Inspector(queue: bench.path)
    let reading = bench.world.clocks()
    let clocks = try inspector.clocks(reading)
    let facts = try #require(try inspector.facts(of: lane, account: nil, clocks: clocks).first)
    let forecast = try Foresight.explain(facts, in: inspector, isRunning: isRunning, reading)
    return (forecast, clocks.queue(reading.sinceBoot))
  }

  private func reasons(_ forecast: LaneForecast) -> Set<Opening.Reason> {
    Set(forecast.opening.because.map(\.reason))
  }

  @Test func `a token that was just refreshed waits for its slot`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1")
    var found: (LaneForecast, now: Moment)?
    bench.world.after(1_000) { bench.ask("a", "ou_2") }
    bench.world.after(1_500) { found = try? foresee("a", of: bench) }
    try bench.run(.stay, for: 20_000)
    let (forecast, now) = try #require(found)
    #expect(reasons(forecast) == [.slot])
    let arrivals = bench.feishu.arrivals
    #expect(arrivals.count == 2)
    let waited = try #require(forecast.goesAt) - now
    #expect(bench.start + 1_500 + waited <= arrivals[1].at)
    #expect(arrivals[1].at - (bench.start + 1_500 + waited) <= bench.feishu.latency_ms)
  }

  @Test func `an ask with a delay goes when the delay is over`() throws {
    let bench = try Bench()
    try bench.run()
    bench.ask("a", "ou_1", after: 60_000)
    let (forecast, now) = try foresee("a", of: bench)
    #expect(reasons(forecast).contains(.delay))
    #expect(try #require(forecast.goesAt) - now >= 60_000)
  }

  @Test func `without a worker nothing goes`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1")
    let (forecast, _) = try foresee("a", of: bench, isRunning: false)
    #expect(forecast.goesAt == nil && reasons(forecast) == [.noWorker])
  }

  @Test func `with a worker that does not respond nothing goes`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1")
    let inspector = try Inspector(queue: bench.path)
    let reading = bench.world.clocks()
    let clocks = try inspector.clocks(reading)
    let facts = try #require(try inspector.facts(of: "a", account: nil, clocks: clocks).first)
    let forecast = try Foresight.explain(
      facts, in: inspector, isRunning: true, isSilent: true, reading)
    #expect(forecast.goesAt == nil && reasons(forecast) == [.noWorker])
  }

  @Test func `a lane that is alone waits for its access token, and for no other lane`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1")
    bench.feishu.tokenAnswer = { _, _ in .neverLeft("could not connect") }
    var found: [LaneForecast] = []
    for moment in stride(from: 500, through: 9_500, by: 500) {
      bench.world.after(moment) {
        if let seen = try? foresee("a", of: bench) { found.append(seen.0) }
      }
    }
    try bench.run(.stay, for: 10_000)
    #expect(found.contains { reasons($0) == [.credentials] })
    for forecast in found {
      #expect(!reasons(forecast).contains(.order), "\(forecast.opening.because)")
      #expect(forecast.opening.because.filter(\.decides).count <= 1, "\(forecast.opening.because)")
    }
  }

  @Test func `in a parked account a lane waits for a person`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1")
    bench.feishu.tokenAnswer = { _, _ in
      .answered(
        RawAnswer(status: 200, body: Array(#"{"code":10014,"msg":"app secret invalid"}"#.utf8)))
    }
    var found: (LaneForecast, now: Moment)?
    bench.world.after(5_000) { found = try? foresee("a", of: bench) }
    try bench.run(.stay, for: 10_000)
    let (forecast, _) = try #require(found)
    #expect(forecast.goesAt == nil && reasons(forecast).contains(.parked))
  }

  @Test func `beyond what is rehearsed, a lane has a place and an estimate`() throws {
    let bench = try Bench()
    bench.settings.limits[.preview] = [.init(1, per: .seconds(1))]
    for number in 0..<30_000 { bench.ask("t\(number)", "ou_\(number % 3)") }
    var found: (LaneForecast, now: Moment)?
    bench.world.after(20_000) { found = try? foresee("t29999", of: bench) }
    try bench.run(.stay, for: 21_000)
    let (forecast, now) = try #require(found)
    #expect(forecast.isEstimate)
    #expect(try #require(forecast.place) > 25_000)
    let span = try #require(forecast.goesAt) - now
    #expect((2_700_000...3_300_000).contains(span), "\(span)")
  }

  @Test func `a copy leaves the queue as it is`() throws {
    let bench = try Bench()
    for number in 0..<50 { bench.ask("t\(number)", "ou_1") }
    let before = try bench.intake.db.first("pragma data_version") { $0.int(0) }
    let sums = "select group_concat(id || state || ready_ms) from lane"
    try bench.run(.stay, for: 500)
    let lanes = try Inspector(queue: bench.path).rows(sums)
    let settled = try bench.intake.db.first("pragma data_version") { $0.int(0) }
    _ = try foresee("t49", of: bench)
    #expect(try Inspector(queue: bench.path).rows(sums) == lanes)
    #expect(try bench.intake.db.first("pragma data_version") { $0.int(0) } == settled)
    #expect(before != settled)
  }

  @Test(arguments: [Packing.exact, .cover(extraPairsMax: 1_000)])
  func `the next calls are known from a small part of the queue`(_ packing: Packing) throws {
    let bench = try Bench(seed: 7)
    bench.settings.packing = packing
    var dice = Dice(7)
    for number in 0..<4_000 { bench.ask("t\(number)", "ou_\(dice.number(0...299))") }
    var foreseen: [Set<String>] = []
    var began = 0
    bench.world.after(20_000) {
      began = bench.world.now
      let foresight = try? Foresight(
        queue: bench.path, account: nil, calls: 50, isRunning: true, bench.world.clocks())
      try? foresight?.rehearsal.run(callsMost: 50)
      foreseen = foresight?.rehearsal.calls.map { Set($0.lanes.map(\.name)) } ?? []
    }
    try bench.run(.stay, for: 40_000)
    #expect(foreseen.count == 50)
    let sent = bench.feishu.arrivals.filter { $0.at > began }.map { Set($0.tokens) }
    #expect(foreseen == Array(sent.prefix(50)))
    // Most calls carry lanes that wait far behind the copied ones.
    #expect(foreseen.reduce(0) { $0 + $1.count } > 450)
  }
}
