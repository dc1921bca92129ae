import Delivery
import Larkspur
import Planning
import Testing

/// When an account will have nothing left to send, compared with what then happens.
struct AccountForecastTests {
  private let bench: Bench

  init() throws { bench = try Bench() }

  private func foresee(
    lanes: Int, perSecond: Double = 0, calls: Int = Foresight.far
  ) throws -> (AccountForecast, now: Moment) {
    let foresight = try Foresight(
      queue: bench.path, account: nil, calls: calls, isRunning: true, bench.world.clocks())
    try foresight.rehearsal.run(callsMost: calls)
    let account = try #require(foresight.account("default"))
    var figures = BacklogFigures(now: foresight.now, monthEnds: foresight.now + .days(10))
    figures.backlogs[account.id] = Backlog()
    figures.backlogs[account.id]?.lanes = [.preview: lanes]
    figures.backlogs[account.id]?.lanesPerSecond = perSecond
    return (try AccountForecast(account, foresight, figures), foresight.now)
  }

  /// Asks for this many previews that cannot share a call, and forecasts after three seconds.
  private func foreseeBacklog(
    of count: Int, perSecond: Double = 0, calls: Int = Foresight.far
  ) throws -> (AccountForecast, waited: Span?) {
    for number in 0..<count { bench.ask("t\(number)", "ou_\(number)") }
    var found: (AccountForecast, now: Moment)?
    bench.world.after(3_000) {
      let left = count - bench.feishu.arrivals.count
      do { found = try foresee(lanes: left, perSecond: perSecond, calls: calls) } catch {
        Issue.record("\(error)")
      }
    }
    bench.world.after(.minutes(2)) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    let (forecast, now) = try #require(found)
    guard case .empty(let at) = forecast.outcome else { return (forecast, nil) }
    return (forecast, at - now)
  }

  /// From the forecast to the last answer.
  private var reallyWaited: Span {
    (bench.feishu.arrivals.last?.at ?? 0) + bench.feishu.latency_ms - bench.start - 3_000
  }

  private var callsAfterForecast: Int {
    bench.feishu.arrivals.filter { $0.at > bench.start + 3_000 }.count
  }

  @Test func `a backlog that can be run ahead is empty when it says`() throws {
    let (forecast, waited) = try foreseeBacklog(of: 100)
    #expect(!forecast.isEstimate)
    #expect(abs(try #require(waited) - reallyWaited) <= 50)
    #expect(abs(forecast.calls - callsAfterForecast) <= 1)
    #expect(forecast.decides == .budget)
  }

  @Test func `of a longer one the rest is estimated at the same rate`() throws {
    let (forecast, waited) = try foreseeBacklog(of: 200, calls: 40)
    #expect(forecast.isEstimate)
    let span = Double(try #require(waited))
    #expect(abs(span / Double(reallyWaited) - 1) < 0.1, "\(span) of \(reallyWaited)")
    #expect(abs(forecast.calls - callsAfterForecast) <= 2)
  }

  @Test func `where more is asked for than can be sent, the backlog grows`() throws {
    let (forecast, _) = try foreseeBacklog(of: 400, perSecond: 12)
    guard case .growing(let perSecond) = forecast.outcome else {
      Issue.record("\(forecast.outcome)")
      return
    }
    // Five previews a second go, each in a call of its own.
    #expect((6.5...7.5).contains(perSecond))
  }

  @Test func `a burst that is gone within a minute does not grow`() throws {
    let (forecast, waited) = try foreseeBacklog(of: 50, perSecond: 1_000)
    #expect(waited != nil && !forecast.isEstimate)
  }

  @Test func `without a backlog it is empty now`() throws {
    try bench.run()
    let (forecast, now) = try foresee(lanes: 0)
    guard case .empty(let at) = forecast.outcome else {
      Issue.record("\(forecast.outcome)")
      return
    }
    #expect(at == now && forecast.calls == 0 && forecast.decides == nil)
  }

  @Test func `a parked account is stalled, whatever waits in it`() throws {
    bench.ask("a", "ou_1")
    bench.feishu.tokenAnswer = { _, _ in
      .answered(
        RawAnswer(status: 200, body: Array(#"{"code":10014,"msg":"app secret invalid"}"#.utf8)))
    }
    try bench.run(.once)
    let (forecast, _) = try foresee(lanes: 1)
    guard case .stalled(.parked) = forecast.outcome else {
      Issue.record("\(forecast.outcome)")
      return
    }
    #expect(forecast.lanes == 1 && forecast.calls == 0)
  }
}
