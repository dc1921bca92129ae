import Delivery
import Planning
import Testing

/// Bugs that the simulation has found, each in as few steps as possible.
struct FoundBySimulation {
  @Test func `the time to wait for an access token is kept to by the next run`() throws {
    let bench = try Bench()
    let limited = RawAnswer(
      status: 429, headers: ["x-ogw-ratelimit-reset": "60"],
      body: Array(#"{"code":99991400,"msg":"request trigger frequency limit"}"#.utf8))
    bench.feishu.tokenAnswer = { _, _ in .answered(limited) }
    let ask = bench.ask("a", "ou_1")
    try bench.run(.once)
    let again = try bench.run(.once)
    #expect(bench.feishu.tokenRequests == 1)
    #expect(again.leftBehind?.contains("99991400") == true)
    bench.world.now += 61_000
    bench.feishu.tokenAnswer = nil
    try bench.run(.once)
    #expect(try bench.state(ask) == .delivered)
    #expect(try bench.number("select paused_ms from budget where api = 'auth'") == 0)
  }

  @Test func `a call that had left before its account was parked does not end the parking`() throws
  {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in
      call == 1 ? .slow(2_000) : .answer(400, #"{"code":99991672,"msg":"Access denied"}"#)
    }
    bench.ask("a", "ou_1")
    bench.world.at(bench.start + 500) { bench.batch("card", "e") }
    try bench.run(.stay, for: 600_000)
    #expect(bench.feishu.arrivals.count == 1)
    #expect(bench.feishu.bearers.count == 2, "parked by the second call, nothing follows it")
    #expect(try bench.number("select parked is not null from account where name = 'default'") == 1)
  }

  @Test
  func
    `a month's calls that are spent on previews are spent for cards that nobody has asked for yet`()
    throws
  {
    let bench = try Bench()
    bench.feishu.fault = { _, _ in .answer(403, #"{"code":99991403,"msg":"quota exceeded"}"#) }
    bench.ask("a", "ou_1")
    try bench.run(.once)
    bench.batch("card", "e")
    try bench.run(.once)
    #expect(bench.feishu.bearers.count == 1)
  }

  @Test func `the own quota of a month counts what earlier runs have sent to the other API`() throws
  {
    let bench = try Bench()
    bench.settings.monthlyQuota = 1
    bench.ask("a", "ou_1")
    try bench.run(.once)
    bench.batch("card", "e")
    let result = try bench.run(.once)
    #expect(bench.feishu.bearers.count == 1)
    #expect(result.leftBehind?.contains("quota") == true)
  }
}
