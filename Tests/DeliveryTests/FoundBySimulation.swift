import Delivery
import Planning
import Testing

/// What the simulation has found, each in as few steps as it takes.
struct FoundBySimulation {
  @Test func `a call that had left before its account was parked does not end the parking`() throws {
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
}
