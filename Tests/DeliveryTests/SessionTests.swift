import Chance
import Foundation
import Larkspur
import Planning
import Testing

@testable import Delivery

/// Aily sessions: the last write of each field wins.
struct SessionTests {
  private let id = "session_1"

  @Test func `what waits together is one call, and the last write of each field wins`() throws {
    let bench = try Bench()
    let asks = [
      bench.write(id, #"{"metadata":"1"}"#), bench.write(id, #"{"channel_context":"c"}"#),
      bench.write(id, #"{"metadata":"2"}"#),
    ]
    try bench.run()
    #expect(bench.feishu.cards.bodies[id] == [#"{"channel_context":"c","metadata":"2"}"#])
    for ask in asks { #expect(try bench.state(ask) == .delivered) }
  }

  @Test func `a field that is not given is left alone`() throws {
    let bench = try Bench()
    bench.write(id, #"{"metadata":"1"}"#)
    try bench.run()
    bench.write(id, #"{"channel_context":""}"#)
    try bench.run()
    #expect(bench.feishu.cards.bodies[id]?.last == #"{"channel_context":""}"#)
    #expect(bench.feishu.cards.sessions[id] == ["metadata": "1", "channel_context": ""])
  }

  @Test func `what was accepted last is not sent again`() throws {
    let bench = try Bench()
    bench.write(id, #"{"metadata":"1"}"#)
    try bench.run()
    let same = bench.write(id, #"{"metadata":"1"}"#)
    try bench.run()
    #expect(bench.feishu.cards.bodies[id]?.count == 1)
    #expect(try bench.state(same) == .delivered)
    bench.write(id, #"{"metadata":"2"}"#)
    bench.write(id, #"{"metadata":"1"}"#)
    try bench.run()
    #expect(bench.feishu.cards.bodies[id]?.count == 1)
  }

  @Test func `after a lost answer the newest value is sent, once the old call is surely over`()
    throws
  {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in call == 1 ? .lost : nil }
    bench.write(id, #"{"metadata":"1"}"#)
    bench.world.after(100) { bench.write(self.id, #"{"metadata":"2"}"#) }
    try bench.run()
    #expect(bench.feishu.cards.sessions[id] == ["metadata": "2"])
    let moments = try #require(bench.feishu.cards.moments[id])
    #expect(moments.count == 2 && moments[1] - moments[0] >= 10_000)
  }

  @Test func `the answer's session is kept`() throws {
    let bench = try Bench()
    bench.write(id, #"{"metadata":"1"}"#)
    try bench.run()
    #expect(
      try Inspector(queue: bench.path).rows("select lane, result from idle").rows
        == [[.text(id), .text(#"{"id":"session_1","metadata":"1"}"#)]])
  }

  @Test func `an answer without a session leaves the one of the answer before`() throws {
    let bench = try Bench()
    bench.write(id, #"{"metadata":"1"}"#)
    try bench.run()
    bench.feishu.fault = { _, _ in .answer(200, #"{"code":0,"msg":"success"}"#) }
    bench.write(id, #"{"metadata":"2"}"#)
    try bench.run()
    #expect(
      try Inspector(queue: bench.path).rows("select calls, result from idle").rows
        == [[.int(2), .text(#"{"id":"session_1","metadata":"1"}"#)]])
  }

  @Test(arguments: [
    #"{"metadata":null}"#, #"{"metadata":true}"#, #"{"metadata":1.5}"#, #"{"metadata":["x"]}"#,
    #"{"metadata":1e300,"more":null}"#, "{}",
  ])
  func `what else an answer says of a field is no obstacle`(session: String) throws {
    let bench = try Bench()
    bench.feishu.fault = { _, _ in
      .answer(200, #"{"code":0,"data":{"session":\#(session)}}"#)
    }
    let first = bench.write(id, #"{"metadata":"1"}"#)
    try bench.run()
    let next = bench.write(id, #"{"metadata":"2"}"#)
    try bench.run()
    #expect(try bench.state(first) == .delivered)
    #expect(try bench.state(next) == .delivered)
  }

  @Test func `a thousand writes, with everything going wrong, end in the last one`() throws {
    for seed in 1...5 as ClosedRange<UInt64> {
      let bench = try Bench(seed: seed)
      var dice = Dice(seed)
      for index in 1...1_000 {
        bench.world.after(index * 20) {
          bench.write(self.id, #"{"metadata":"\#(index)","channel_context":"\#(index)"}"#)
        }
      }
      bench.feishu.fault = { _, _ in
        switch dice.next() % 10 {
        case 0...1: .lost
        case 2: .answer(502, "<html>")
        case 3: .neverLeft("refused")
        default: nil
        }
      }
      for _ in 1...10 {
        // Stopped twice, it leaves what is in flight.
        bench.world.after(2_100) { bench.world.stopRequests = 2 }
        _ = try? bench.run(.stay, for: 2_200)
        bench.world.stopRequests = 0
      }
      try bench.run(.stay, for: 60_000)
      try bench.run()
      let value = try #require(bench.feishu.cards.sessions[id]?["metadata"])
      let last = try bench.number("select count(*) from ask where kind = 'session'")
      #expect(value == String(last), "seed \(seed)")
      #expect(try bench.number("select count(*) from ask where outcome <> 'delivered'") == 0)
    }
  }
}
