import Larkspur
import Planning
import Testing

@testable import Delivery

/// What an answer proves about an earlier attempt, and what it does not. Found by an adversarial
/// review.
struct UnknownOutcomeTests {
  private typealias Fault = SimulatedFeishu.Fault

  private func answers(_ bench: Bench, _ script: [Fault?]) {
    bench.feishu.fault = { call, _ in call <= script.count ? script[call - 1] : nil }
  }

  private static func code(_ code: Int) -> Fault { .answer(400, #"{"code":\#(code),"msg":"no"}"#) }
  private static let badGateway = Fault.answer(502, "<html>")

  private func reason(_ ask: Int, _ bench: Bench) throws -> String? {
    if case .dead(let reason) = try bench.state(ask) { reason } else { nil }
  }

  @Test func `a given number below one that was accepted was not applied`() throws {
    let bench = try Bench()
    bench.batch("c", "a")
    try bench.run()
    let low = bench.batch("c", "b", #","sequence":5"#)
    answers(bench, [nil, Self.badGateway])
    try bench.run()
    #expect(try reason(low, bench)?.contains("300317") == true)
    #expect(bench.feishu.cards.applied["c"] == ["a"])
  }

  @Test func `a number that was too low once may be too low still`() throws {
    let bench = try Bench()
    answers(bench, [Self.code(300_317), Self.badGateway, Self.code(300_317)])
    let ask = bench.batch("c", "a")
    try bench.run()
    #expect(try reason(ask, bench)?.contains("may have been applied") == true)
  }

  @Test func `what does not fit after an unknown attempt is not sent under another name`() throws {
    let bench = try Bench()
    answers(bench, [.lost, Self.code(300_301)])
    let asks = [bench.batch("c", "a"), bench.batch("c", "b")]
    try bench.run()
    #expect(bench.feishu.cards.applied["c"] == ["a", "b"])
    for ask in asks { #expect(try reason(ask, bench)?.contains("may have been applied") == true) }
  }

  @Test func `a name that was refused before proves nothing when it is known`() throws {
    let bench = try Bench()
    answers(bench, [Self.code(300_301), Self.code(200_770)])
    let ask = bench.batch("c", "a", #","uuid":"mine""#)
    try bench.run()
    #expect(try reason(ask, bench) != nil)
    _ = try Inspector(queue: bench.path).retry(.all(account: nil))
    try bench.run()
    #expect(try reason(ask, bench)?.contains("200770") == true)
  }

  @Test func `waiting for a busy card leaves the attempts for what fails`() throws {
    let bench = try Bench()
    answers(bench, Array(repeating: Self.code(200_810), count: 9) + [Self.badGateway])
    let ask = bench.batch("c", "a")
    try bench.run()
    #expect(try bench.state(ask) == .delivered)
  }

  @Test func `of writes sent together only the one that is refused dies`() throws {
    let bench = try Bench()
    answers(bench, [Self.code(2_700_001), Self.code(2_700_001)])
    let bad = bench.write("session_1", #"{"metadata":"bad"}"#)
    let good = bench.write("session_1", #"{"channel_context":"good"}"#)
    try bench.run()
    #expect(try reason(bad, bench) != nil)
    #expect(try bench.state(good) == .delivered)
    #expect(bench.feishu.cards.sessions["session_1"] == ["channel_context": "good"])
  }

  @Test func `what the answer says of a session is believed`() throws {
    let bench = try Bench()
    bench.feishu.cards.clearsOmittedFields = true
    bench.write("session_1", #"{"channel_context":"a"}"#)
    try bench.run()
    bench.write("session_1", #"{"metadata":"b"}"#)
    try bench.run()
    bench.write("session_1", #"{"channel_context":"a"}"#)
    try bench.run()
    #expect(bench.feishu.cards.bodies["session_1"]?.last == #"{"channel_context":"a"}"#)
    #expect(bench.feishu.cards.bodies["session_1"]?.count == 3)
  }

  @Test func `what a person has not granted stops only the API that needs it`() throws {
    let bench = try Bench()
    bench.settings.userToken = .file("user")
    answers(bench, [Self.code(99_991_679)])
    bench.write("session_1", #"{"metadata":"1"}"#)
    bench.world.after(2_000) { bench.ask("t", "ou_1") }
    try bench.run(.stay, for: 5_000)
    #expect(bench.feishu.arrivals.count == 1)
    #expect(try bench.number("select count(*) from account where parked is not null") == 0)
  }

  @Test func `a run with an end does not wait for a refused token to be replaced`() throws {
    let bench = try Bench()
    bench.settings.userToken = .file("user")
    bench.feishu.accepts = { $0.hasPrefix("t-") }
    bench.write("session_1", #"{"metadata":"1"}"#)
    let result = try bench.run(.untilEmpty)
    #expect(result.refusedUserToken?.account == "default")
    #expect(bench.world.now - bench.start < 60_000)
  }

  @Test func `large batches are read as far as a call can carry them`() throws {
    let bench = try Bench()
    let long = String(repeating: "x", count: 900_000)
    for index in 0..<6 { bench.batch("c", "\(index)\(long)") }
    try bench.run()
    #expect(bench.feishu.cards.applied["c"]?.map(\.first) == ["0", "1", "2", "3", "4", "5"])
  }
}
