import Delivery
import Testing

/// The trial calls of a parked account.
struct ParkedTests {
  private let denied = SimulatedFeishu.Fault.answer(
    400, #"{"code":99991672,"msg":"Access denied"}"#)

  @Test func `a success at the very moment at which one may go ends the parking`() throws {
    let bench = try Bench()
    bench.feishu.fault = { [denied] call, _ in call == 1 ? denied : nil }
    bench.ask("a", "ou_1")
    try bench.run(.stay, for: 1_000_000)
    #expect(bench.feishu.arrivals.count == 2)
    #expect(try bench.number("select count(*) from account where parked is not null") == 0)
  }

  @Test func `it is one call, however many lanes wait`() throws {
    let bench = try Bench()
    bench.feishu.fault = { [denied] _, _ in denied }
    for token in ["a", "b", "c"] { bench.ask(token, "ou_\(token)") }
    try bench.run(.stay, for: 1_000_000)
    // The first three had left before any of them was answered.
    #expect(bench.feishu.arrivals.count == 4)
  }
}
