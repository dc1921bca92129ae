import Terminal
import Testing

@testable import Sandbox

struct FaultTests {
  private func feishu(_ chances: [Fault: Chance]) -> Feishu {
    Feishu(faults: FaultSettings(chances: chances))
  }

  @Test(arguments: [
    (Fault.rejectToken, "400 99991663"), (.missingScope, "400 99991672"),
    (.quota, "429 99991403"), (.limit, "429 99991400"), (.refuse, "400 2200"),
    (.fail5xx, "502 -"), (.html, "200 -"),
  ])
  func `a call that a fault turns away takes no effect`(fault: Fault, answer: String) {
    var feishu = feishu([fault: .first(1)])
    let struck = feishu.update(["a"], at: 0)
    #expect(struck.summary == "\(answer) fault")
    #expect(struck.fault == fault && !struck.applied && struck.delivery == .whole)
    let next = feishu.update(["a"], at: 0)
    #expect(next.summary == "200 0 ok" && next.fault == nil)
  }

  @Test func `a call dropped on the way in takes no effect and gets no answer`() {
    var feishu = feishu([.dropBefore: .first(1)])
    let struck = feishu.update(["a"], at: 0)
    #expect(struck.delivery == .closed && struck.verdict == .fault && !struck.applied)
    #expect(struck.seen == (nil, nil))
    #expect(feishu.update(["a"], at: 0).verdict == .ok)
  }

  @Test(arguments: [
    (Fault.dropAfter, Judgement.Delivery.closed), (.cut, .cut), (.never, .never),
  ])
  func `a call whose answer is lost has taken effect`(
    fault: Fault, delivery: Judgement.Delivery
  ) {
    var feishu = feishu([fault: .first(1)])
    let struck = feishu.update(["a"], at: 0)
    #expect(struck.delivery == delivery && struck.fault == fault)
    #expect(struck.verdict == .ok && struck.applied && struck.seen.code == nil)
    #expect(feishu.update(["a"], at: 1).verdict == .tooEarly)
  }

  @Test func `an answer that refuses can be lost as well`() {
    var feishu = feishu([.dropAfter: .always])
    let struck = feishu.update(["bad_token"], at: 0)
    #expect(struck.verdict == .malformed && !struck.applied && struck.delivery == .closed)
  }

  @Test func `calls that never reach the API count against the limit`() {
    var feishu = feishu([.fail5xx: .first(5)])
    for _ in 0..<5 { #expect(feishu.update(["a"], at: 0).fault == .fail5xx) }
    #expect(feishu.update(["a"], at: 0).verdict == .limited)
  }

  @Test func `of several faults the first in the list strikes`() {
    var feishu = feishu([.never: .first(3), .fail5xx: .first(1), .cut: .first(2)])
    let struck = (0..<4).map { feishu.update(["p\($0)"], at: 0).fault }
    #expect(struck == [.fail5xx, .cut, .never, nil])
  }

  @Test func `requests for an access token meet faults only when asked to`() {
    var settings = FaultSettings(chances: [.fail5xx: .always, .quota: .always])
    var faults = Faults(settings)
    #expect(faults.next(for: .accessToken) == Faults.Fate())
    settings.endpoints = [.accessToken]
    faults = Faults(settings)
    #expect(faults.next(for: .accessToken).fault == .fail5xx)
    #expect(faults.next(for: .previews) == Faults.Fate())
  }

  @Test(arguments: [0, 1, 42] as [UInt64])
  func `the same seed strikes the same calls, about as many as asked for`(seed: UInt64) {
    let settings = FaultSettings(chances: [.cut: .likely(0.25)], seed: seed)
    var first = Faults(settings)
    var again = Faults(settings)
    let struck = (0..<4_000).map { _ in first.next(for: .previews) }
    #expect(struck == (0..<4_000).map { _ in again.next(for: .previews) })
    #expect((900...1_100).contains(struck.count { $0.fault == .cut }))
  }

  @Test func `switching one fault on does not move another`() {
    var alone = Faults(FaultSettings(chances: [.never: .likely(0.1)]))
    var together = Faults(FaultSettings(chances: [.never: .likely(0.1), .limit: .likely(0.5)]))
    for _ in 0..<1_000 {
      let expected = alone.next(for: .previews).fault
      let met = together.next(for: .previews).fault
      #expect(met == expected || met == .limit)
    }
  }

  @Test func `latency spreads evenly to both sides and is never below zero`() {
    var faults = Faults(FaultSettings(latency: 50_000, spread: 20_000))
    let delays = (0..<4_000).map { _ in faults.next(for: .previews).delay }
    #expect(delays.allSatisfy { (30_000...70_000).contains($0) })
    #expect(delays.contains { $0 < 33_000 } && delays.contains { $0 > 67_000 })
    faults = Faults(FaultSettings(latency: 1_000, spread: 20_000))
    #expect((0..<1_000).allSatisfy { _ in faults.next(for: .previews).delay >= 0 })
  }

  @Test(arguments: [
    ("0", Chance.likely(0)), ("0.25", .likely(0.25)), ("1", .likely(1)), ("first:3", .first(3)),
  ])
  func `a chance is a probability or a number of calls`(text: String, chance: Chance) throws {
    #expect(try Chance(parsing: text, for: "--cut") == chance)
  }

  @Test(arguments: ["", "2", "-0.1", "nan", "often", "first:", "first:-1", "first:x"])
  func `anything else is not a chance`(text: String) {
    #expect(throws: Failure.self) { try Chance(parsing: text, for: "--cut") }
  }
}
