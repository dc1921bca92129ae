import Foundation
import Larkspur
import Programs
import Testing

/// The real programs deliver cards and sessions while everything goes wrong. The sandbox's record
/// is the judge.
@Suite(.serialized) struct CardDrainTests {
  private static let badDay = [
    "--drop-after", "0.12", "--cut", "0.08", "--fail-5xx", "0.05", "--limit", "0.02", "--latency",
    "15ms", "--latency-spread", "10ms",
  ]

  private func batch(_ element: Int) -> String {
    #"{"actions":[{"action":"delete_elements","params":{"element_ids":["\#(element)"]}}]}"#
  }

  /// Starts a worker, kills it after a while, and calls `meanwhile` in between.
  private func killAgainAndAgain(
    _ place: Place, times: Int, meanwhile: (Int) throws -> Void
  ) throws {
    var dice = SystemRandomNumberGenerator()
    for round in 0..<times {
      let worker = try place.startWork()
      try meanwhile(round)
      // Any moment is fine: the promises hold at every instruction.
      usleep(UInt32.random(in: 20_000...500_000, using: &dice))
      worker.kill(SIGKILL)
      _ = worker.finish()
    }
  }

  @Test(arguments: ["uuid", "sequence"])
  func `a thousand batches over twenty cards are each applied once and in order`(
    firstCheck: String
  ) throws {
    let place = try Place(sandbox: Self.badDay + ["--first-check", firstCheck])
    try killAgainAndAgain(place, times: 20) { round in
      let rows = (0..<50).map { index in
        let element = round * 50 + index
        return (kind: "card", lane: "card_\(element % 20)", body: batch(element))
      }
      try place.ask(rows)
    }
    let run = try place.work("--until-empty")
    #expect(run.status == 0, "\(run.err)")
    #expect(try place.delivered() == 1_000)
    #expect(try place.findings() == [])
  }

  @Test func `a thousand writes to one session end in the last one`() throws {
    let place = try Place(sandbox: Self.badDay)
    try killAgainAndAgain(place, times: 10) { round in
      try place.ask(
        (0..<100).map { index in
          (kind: "session", lane: "session_1", body: #"{"metadata":"\#(round * 100 + index)"}"#)
        })
    }
    let run = try place.work("--until-empty")
    #expect(run.status == 0, "\(run.err)")
    let last = try place.records().last { $0.session == "session_1" && $0.applied }
    #expect(last?.body == #"{"metadata":"999"}"#)
    #expect(try place.delivered() == 1_000)
    #expect(try place.findings() == [])
  }
}
