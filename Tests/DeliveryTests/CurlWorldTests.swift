import Foundation
import Larkspur
import Terminal
import Testing

@testable import Delivery

/// The real world, before an address at which nobody answers.
struct CurlWorldTests {
  @Test func `a request does not leave before its moment, and then leaves by itself`() throws {
    let bench = try Bench()
    let store = try WorkerStore(queue: bench.path)
    let world = try CurlWorld(
      queue: store.path, signals: StopSignals(), timeouts: Timeouts())
    let began = SystemClocks.sinceBoot_ms()
    for (tag, span) in [(1, 60), (2, 20), (3, 0)] {
      world.send(
        Request(url: "http://127.0.0.1:1/", body: [1]), tag: tag, earliest: began + span,
        latest: began + 10_000)
    }
    var moments: [Int: Int] = [:]
    for _ in 0..<100 where moments.count < 3 {
      world.progress()
      for case .finished(let tag, .neverLeft, let moment) in world.wait(milliseconds: 5_000) {
        moments[tag] = moment - began
      }
    }
    #expect(moments.count == 3)
    #expect(try #require(moments[2]) >= 20)
    #expect(try #require(moments[1]) >= 60)
    #expect(try #require(moments[3]) <= moments[2] ?? 0)
  }
}
