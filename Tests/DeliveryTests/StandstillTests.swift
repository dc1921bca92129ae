import Delivery
import Foundation
import Larkspur
import Planning
import Testing

/// Something other than Feishu answers.
struct Elsewhere {
  private static let pages: [SimulatedFeishu.Fault] = [
    .answer(404, "<html>not here</html>"), .answer(302, ""), .answer(405, ""),
    .answer(200, "<html>sign in</html>"),
  ]

  private func isParked(_ bench: Bench) throws -> Bool {
    try bench.number("select parked is 'address' from account where name = 'default'") == 1
  }

  @Test(arguments: pages)
  func `a page that comes for seconds holds nobody up for long`(page: SimulatedFeishu.Fault) throws
  {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in call == 2 ? page : nil }
    bench.ask("a", "ou_1")
    bench.ask("b", "ou_2", after: 10_000)
    try bench.run()
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 2)
    #expect(bench.world.now - bench.start < 25_000)
  }

  @Test(arguments: pages)
  func `one that comes for five minutes parks the account`(page: SimulatedFeishu.Fault) throws {
    let bench = try Bench()
    bench.feishu.fault = { call, at in call > 1 ? page : nil }
    bench.ask("a", "ou_1")
    bench.ask("b", "ou_2", after: 10_000)
    bench.world.after(290_000) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    #expect(try !isParked(bench))
    bench.world.stopRequests = 0
    bench.world.after(120_000) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    #expect(try isParked(bench))
  }

  @Test func `where nothing has ever succeeded, three probes in a row do`() throws {
    let bench = try Bench()
    bench.feishu.tokenAnswer = { _, _ in
      .answered(RawAnswer(status: 404, body: Array("<html>not here</html>".utf8)))
    }
    bench.ask("a", "ou_1")
    let result = try bench.run()
    #expect(result.parked.first?.trouble == .address)
    #expect(bench.feishu.tokenRequests == 4)
  }

  @Test func `two pages with nothing in between for minutes are two short outages`() throws {
    let bench = try Bench()
    bench.feishu.fault = { [unowned bench] call, at in
      call == 2 || (call == 3 && at > bench.start + 300_000)
        ? .answer(404, "<html>not here</html>") : nil
    }
    bench.ask("a", "ou_1")
    bench.ask("b", audience: .people(["ou_2"]), 10_000, 10_500)
    bench.ask("c", "ou_3", after: 400_000)
    try bench.run()
    #expect(try !isParked(bench))
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 2)
  }

  @Test func `probes that never left do not count towards three pages`() throws {
    let bench = try Bench()
    bench.feishu.tokenAnswer = { request, _ in
      if request <= 6 { return .neverLeft("refused") }
      return request == 7
        ? .answered(RawAnswer(status: 404, body: Array("<html>".utf8))) : AccessTokens.token("t")
    }
    let ask = bench.ask("a", "ou_1")
    bench.world.after(600_000) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    #expect(try bench.state(ask) == .delivered)
  }

  @Test func `an error of a server never parks`() throws {
    let bench = try Bench()
    bench.feishu.fault = { _, _ in .answer(503, "<html>maintenance</html>") }
    bench.ask("a", "ou_1")
    bench.world.after(3_600_000) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    #expect(try !isParked(bench))
  }
}

/// A token that another program refreshes as well is refused each time it is sent.
struct LimitedNeighbours {
  @Test func `the nine that share its audience are delivered without it`() throws {
    let bench = try Bench()
    bench.feishu.tokenFaults["t3"] = .answer(429, #"{"code":99991400}"#)
    for token in 0..<10 { bench.ask("t\(token)", "ou_1") }
    bench.world.after(60_000) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 9)
    #expect(try bench.number("select attempts from lane where name = 't3'") == 0)
    bench.world.stopRequests = 0
    bench.feishu.tokenFaults = [:]
    try bench.run()
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 10)
  }
}

struct SpentQuota {
  @Test func `is probed once an hour by a worker that stays`() throws {
    let bench = try Bench()
    bench.feishu.fault = { _, _ in .answer(429, #"{"code":99991403}"#) }
    bench.ask("a", "ou_1")
    bench.world.after(6 * 3_600_000) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    #expect(bench.feishu.arrivals.count == 6)
  }

  @Test(arguments: [WorkMode.Goal.once, .untilEmpty, .stay])
  func `ends a run that has an end at once`(goal: WorkMode.Goal) throws {
    let bench = try Bench()
    bench.feishu.fault = { _, _ in .answer(429, #"{"code":99991403,"msg":"spent"}"#) }
    bench.ask("a", "ou_1")
    let result = try bench.run(goal, for: 600_000)
    #expect(result.leftBehind == "99991403 spent (HTTP 429)")
    #expect(bench.world.now - bench.start < 1_000)
  }
}
