import Chance
import Delivery
import Larkspur
import Planning
import Testing

struct Fairness {
  @Test func `the lane that has been due longest is in the next call`() throws {
    let bench = try Bench()
    for (delay, token) in ["c", "a", "b", "e", "d", "f"].enumerated() {
      bench.world.after(delay) { bench.ask(token, "ou_\(token)") }
    }
    bench.feishu.tokenAnswer = { _, _ in
      .answered(
        RawAnswer(
          status: 200,
          body: Array(#"{"code":0,"tenant_access_token":"t","expire":7200}"#.utf8)))
    }
    bench.ask("z", after: 10)
    try bench.run()
    #expect(bench.feishu.arrivals.prefix(6).flatMap(\.tokens) == ["c", "a", "b", "e", "d", "f"])
  }

  @Test func `a lane with an unusual audience is not kept waiting by a crowd that packs well`()
    throws
  {
    let bench = try Bench()
    for token in 0..<200 { bench.ask("t\(token)", "ou_1") }
    bench.ask("odd", "ou_2")
    for token in 200..<400 { bench.ask("t\(token)", "ou_1") }
    try bench.run()
    let place = bench.feishu.arrivals.firstIndex { $0.tokens == ["odd"] }
    #expect(place == 20)
  }
}
