import Delivery
import Larkspur
import Planning
import Testing

/// Which limit decides when an account will be empty.
struct DecidingLimitTests {
  /// Asks for a forecast after `span` of a run.
  private func forecast(
    of bench: Bench, after span: Int, calls: Int = Foresight.far, _ change: (inout Backlog) -> Void
  ) throws -> (AccountForecast, now: Moment, monthEnds: Moment) {
    var found: (AccountForecast, now: Moment, monthEnds: Moment)?
    var backlog = Backlog()
    change(&backlog)
    bench.world.after(span) {
      found = try? Self.look(at: bench, calls: calls, backlog)
      #expect(found != nil)
    }
    try bench.run(.stay, for: span + 100)
    return try #require(found)
  }

  private static func look(
    at bench: Bench, calls: Int, _ backlog: Backlog
  ) throws -> (AccountForecast, now: Moment, monthEnds: Moment) {
    let reading = bench.world.clocks()
    let foresight = try Foresight(
      queue: bench.path, account: nil, calls: calls, isRunning: true, reading)
    let clocks = try Inspector(queue: bench.path).clocks(reading)
    let account = try #require(foresight.account("default"))
    let monthEnds = clocks.queue(nextQuotaMonth(after: clocks.wall(foresight.now)))
    var figures = BacklogFigures(now: foresight.now, monthEnds: monthEnds)
    figures.backlogs[account.id] = backlog
    try foresight.rehearsal.run(callsMost: calls)
    let forecast = try AccountForecast(account, foresight, figures)
    return (forecast, foresight.now, monthEnds)
  }

  private func emptyAt(_ forecast: AccountForecast) throws -> Moment {
    guard case .empty(let at) = forecast.outcome else {
      Issue.record("\(forecast.outcome)")
      return .zero
    }
    return at
  }

  @Test func `of a backlog, the rate limit decides`() throws {
    let bench = try Bench()
    bench.settings.limits[.preview] = [.init(1, per: .seconds(1))]
    for number in 0..<20 { bench.ask("t\(number)", "ou_\(number)") }
    let (forecast, now, _) = try forecast(of: bench, after: 2_500) { $0.lanes[.preview] = 17 }
    #expect(forecast.decides == .budget)
    #expect(!forecast.isEstimate)
    #expect((16_000...20_000).contains(try emptyAt(forecast) - now))
  }

  @Test func `of an ask with a delay, the delay decides`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1", after: 60_000)
    let (forecast, now, _) = try forecast(of: bench, after: 1_000) { $0.lanes[.preview] = 1 }
    #expect(forecast.decides == .delay)
    #expect((59_000...60_500).contains(try emptyAt(forecast) - now))
  }

  @Test func `of a token that was just refreshed, its pace decides`() throws {
    let bench = try Bench()
    bench.ask("a", "ou_1")
    bench.world.after(1_000) { bench.ask("a", "ou_2") }
    let (forecast, _, _) = try forecast(of: bench, after: 1_500) { $0.lanes[.preview] = 1 }
    #expect(forecast.decides == .slot)
  }

  @Test func `once the quota is used up, the quota decides, and the next month empties it`() throws
  {
    let bench = try Bench()
    bench.settings.monthlyQuota = 3
    for number in 0..<5 { bench.ask("t\(number)", "ou_\(number)") }
    let (forecast, _, monthEnds) = try forecast(of: bench, after: 10_000) {
      ($0.lanes[.preview], $0.monthCalls) = (2, 3)
    }
    #expect(forecast.decides == .quota)
    let late = try emptyAt(forecast) - monthEnds
    #expect((0...60_000).contains(late), "\(late)")
  }

  @Test func `a quota that ends beyond what is rehearsed is heeded as well`() throws {
    let bench = try Bench()
    bench.settings.limits[.preview] = [.init(1, per: .seconds(1))]
    bench.settings.monthlyQuota = 100
    for number in 0..<150 { bench.ask("t\(number)", "ou_\(number)") }
    let (forecast, _, monthEnds) = try forecast(of: bench, after: 2_500, calls: 10) {
      ($0.lanes[.preview], $0.monthCalls) = (147, 3)
    }
    #expect(forecast.decides == .quota && forecast.isEstimate)
    #expect((140...150).contains(forecast.calls), "\(forecast.calls)")
    // 50 calls go in the next month.
    let late = try emptyAt(forecast) - monthEnds
    #expect((40_000...60_000).contains(late), "\(late)")
  }

  @Test func `a wait for the next month within what is rehearsed is no measure of the pace`() throws
  {
    let bench = try Bench()
    bench.settings.limits[.preview] = [.init(1, per: .seconds(1))]
    bench.settings.monthlyQuota = 10
    for number in 0..<18 { bench.ask("t\(number)", "ou_\(number)") }
    let (forecast, _, monthEnds) = try forecast(of: bench, after: 2_500, calls: 10) {
      ($0.lanes[.preview], $0.monthCalls) = (15, 3)
    }
    #expect(forecast.decides == .quota && forecast.isEstimate)
    let late = try emptyAt(forecast) - monthEnds
    #expect((6_000...20_000).contains(late), "\(late)")
  }

  @Test func `at the pace of the last days the quota ends before the month`() throws {
    let bench = try Bench()
    bench.settings.monthlyQuota = 1_000
    bench.ask("a", "ou_1", after: 600_000)
    let (forecast, now, monthEnds) = try forecast(of: bench, after: 1_000) {
      $0.lanes[.preview] = 1
      $0.monthCalls = 900
      $0.pace = CallPace(calls: 500, since: .zero, at: Moment(ms: .hours(1)))
    }
    #expect(forecast.quota.used == 900)
    #expect(forecast.quota.most == 1_000)
    // 100 calls are left, and 500 are made in an hour.
    #expect(try #require(forecast.quota.endsAt) - now == .minutes(12))
    #expect(forecast.quota.projected == 900 + 500 * (monthEnds - now) / .hours(1))
  }
}
