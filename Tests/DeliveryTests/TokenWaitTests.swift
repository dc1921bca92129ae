import Larkspur
import Planning
import Testing

@testable import Delivery

/// Waiting for an access token, which the whole account has to do.
struct TokenWaitTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  @Test func `lanes show that they wait for one, and until when`() throws {
    bench.withholdTokens(for: 3_600_000)
    bench.ask("a", "ou_1")
    try bench.run(.stay, for: 60_000)
    let until = try bench.number(
      "select opening ->> '$.credentials' from budget where api = 'preview'")
    let login = try bench.number("select paused_ms from budget where api = 'auth'")
    #expect(until > 0 && until == login)
  }

  @Test func `lanes no longer show it once there is one`() throws {
    bench.withholdTokens(for: 20_000)
    bench.ask("a", "ou_1")
    try bench.run(.stay, for: 120_000)
    #expect(bench.feishu.arrivals.count == 1)
    let left = try bench.number(
      "select count(*) from budget where opening ->> '$.credentials' is not null")
    #expect(left == 0)
  }

  @Test func `a person ends the wait with resume`() throws {
    // After several minutes the tries are a minute apart.
    bench.withholdTokens(for: 301_000)
    bench.ask("a", "ou_1")
    bench.world.after(302_000) { [bench] in
      do {
        #expect(try Inspector(queue: bench.path).resume(account: "default"))
      } catch { Issue.record(error) }
    }
    try bench.run(.stay, for: 304_000)
    #expect(bench.feishu.arrivals.count == 1)
  }
}
