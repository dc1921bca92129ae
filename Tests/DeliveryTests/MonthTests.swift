import Larkspur
import Testing

/// A quota of ten calls a month, with a clock that is set across the end of November in Beijing.
struct MonthTests {
  private static let endOfNovember = 1_701_360_000_000
  private static let hour = 3_600_000
  private static let day = 86_400_000

  /// The clock stands this long before the end of the month.
  private func bench(before: Int) throws -> Bench {
    let bench = try Bench()
    bench.settings.monthlyQuota = 10
    bench.world.wallOffset = Self.endOfNovember - before - bench.world.now
    return bench
  }

  /// Adds asks that make one call each.
  private func ask(_ bench: Bench, _ count: Int) {
    let first = bench.feishu.arrivals.count * 1_000
    for number in first..<first + count { bench.ask("t\(number)", "ou_\(number)") }
  }

  /// The number of calls that a run makes after this many new asks.
  private func calls(_ bench: Bench, asking count: Int) throws -> Int {
    let before = bench.feishu.arrivals.count
    ask(bench, count)
    try bench.run()
    return bench.feishu.arrivals.count - before
  }

  @Test(arguments: [day, 20 * day, 400 * day])
  func `a clock that is set ahead and back leaves the month its quota`(step: Int) throws {
    let bench = try bench(before: 2 * Self.hour)
    #expect(try calls(bench, asking: 6) == 6)
    bench.world.wallOffset += step
    #expect(try calls(bench, asking: 6) <= 4)
    bench.world.wallOffset -= step
    _ = try calls(bench, asking: 6)
    #expect(bench.feishu.arrivals.count == 10)
    #expect(try bench.number("select month_calls from budget where api = 'preview'") == 10)
  }

  @Test func `a quota that is lifted between two runs ends the wait for the next month`() throws {
    let bench = try bench(before: 2 * Self.hour)
    #expect(try calls(bench, asking: 12) == 10)
    bench.settings.monthlyQuota = nil
    #expect(try calls(bench, asking: 0) == 2)
  }

  @Test func `the same holds within one run`() throws {
    let bench = try bench(before: 2 * Self.hour)
    ask(bench, 6)
    bench.world.after(10_000) {
      bench.world.wallOffset += Self.day
      ask(bench, 6)
    }
    bench.world.after(20_000) {
      bench.world.wallOffset -= Self.day
      ask(bench, 6)
    }
    try bench.run(.stay, for: 60_000)
    #expect(bench.feishu.arrivals.count == 10)
  }

  @Test func `a month that a fast clock has ended is not forgotten when the clock is put right`()
    throws
  {
    let bench = try bench(before: 60_000)
    #expect(try calls(bench, asking: 6) == 6)
    bench.world.now += 120_000
    #expect(try calls(bench, asking: 6) == 6)
    bench.world.wallOffset -= Self.day
    #expect(try calls(bench, asking: 6) == 0)
  }

  @Test func `the month after begins with what was counted for it, and no more`() throws {
    let bench = try bench(before: 2 * Self.hour)
    #expect(try calls(bench, asking: 2) == 2)
    bench.world.wallOffset += Self.day
    #expect(try calls(bench, asking: 3) == 3)
    bench.world.wallOffset -= Self.day
    #expect(try calls(bench, asking: 1) == 1)
    bench.world.now += 3 * Self.hour
    // Three calls were already counted for December, and the one after them may belong to it.
    #expect(try calls(bench, asking: 20) == 6)
  }

  @Test func `a clock set back into last month gives neither month more calls`() throws {
    let bench = try bench(before: 60_000)
    #expect(try calls(bench, asking: 6) == 6)
    bench.world.now += 120_000
    #expect(try calls(bench, asking: 6) == 6)
    // Further back than a run waits for a month to end.
    bench.world.wallOffset -= 2 * Self.hour
    #expect(try calls(bench, asking: 2) == 0)
    bench.world.wallOffset += 2 * Self.hour
    // Ten in December in all.
    #expect(try calls(bench, asking: 20) == 4)
    #expect(try bench.number("select month_calls from budget where api = 'preview'") == 10)
  }

  @Test func `a run that waits for the month to end goes on at that very moment`() throws {
    let bench = try bench(before: 60_000)
    let end = bench.start + 60_000
    let made = try calls(bench, asking: 12)
    #expect(made == 12, "\(bench.timetable)")
    let late = bench.feishu.arrivals[10...].map { $0.at - end }
    #expect(late.allSatisfy { 0..<1_000 ~= $0 }, "\(late)")
  }

  @Test func `a clock that is four weeks ahead for a minute does not use up the next month`() throws
  {
    let bench = try bench(before: 27 * Self.day)
    #expect(try calls(bench, asking: 2) == 2)
    bench.world.wallOffset += 28 * Self.day
    #expect(try calls(bench, asking: 2) == 2)
    bench.world.wallOffset -= 28 * Self.day
    #expect(try calls(bench, asking: 20) == 6)
    bench.world.now += 27 * Self.day + Self.hour
    #expect(try calls(bench, asking: 0) == 10)
  }

  @Test func `a clock that was late and is put right across the end goes on in the new month`()
    throws
  {
    let bench = try bench(before: 10 * Self.day)
    #expect(try calls(bench, asking: 3) == 3)
    bench.world.wallOffset += 11 * Self.day
    // Both months are kept until the old clock's month is over.
    #expect(try calls(bench, asking: 20) == 7)
    bench.world.now += 10 * Self.day + Self.hour
    #expect(try calls(bench, asking: 0) == 3)
    #expect(try bench.number("select month_calls from budget where api = 'preview'") == 10)
  }

  @Test func `a refused call counts for no month, also one of a channel that is new in this run`()
    throws
  {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in
      call == 2 ? .answer(400, #"{"code":230001,"msg":"param is invalid"}"#) : nil
    }
    bench.world.after(1_000) { bench.ask("a", "ou_1") }
    bench.world.after(2_000) { bench.ask("b", "ou_2") }
    try bench.run(.stay, for: 3_000)
    #expect(bench.feishu.arrivals.count == 2)
    #expect(try bench.number("select month_calls from budget where api = 'preview'") == 1)
  }
}
