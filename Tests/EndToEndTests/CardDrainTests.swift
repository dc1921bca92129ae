import Foundation
import Larkspur
import Testing

/// Cards and sessions delivered by the real programs while everything goes wrong; the sandbox's
/// record is the judge.
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
      // Any moment will do; what is promised holds at every instruction.
      usleep(UInt32.random(in: 20_000...500_000, using: &dice))
      worker.kill(SIGKILL)
      _ = worker.finish()
    }
  }

  /// The elements that the sandbox has deleted from a card, in the order in which it did.
  private func applied(_ records: [Recorded], to card: String) throws -> [Int] {
    try records.filter { $0.card == card && $0.applied }.flatMap { record in
      let body = try JSONDecoder().decode(Batch.self, from: Data((record.body ?? "").utf8))
      return try JSONDecoder().decode([Action].self, from: Data(body.actions.utf8))
        .flatMap(\.params.element_ids).compactMap { Int($0) }
    }
  }

  private struct Batch: Decodable { let actions: String }
  private struct Action: Decodable {
    struct Parameters: Decodable { let element_ids: [String] }

    let params: Parameters
  }

  @Test(arguments: ["uuid", "sequence"])
  func `a thousand batches over twenty cards are each applied once and in order`(
    firstCheck: String
  ) throws {
    let place = try Place(sandbox: Self.badDay + ["--first-check", firstCheck])
    var wanted: [Int: [Int]] = [:]
    try killAgainAndAgain(place, times: 20) { round in
      let rows = (0..<50).map { index in
        let element = round * 50 + index
        wanted[element % 20, default: []].append(element)
        return (kind: "card", lane: "card_\(element % 20)", body: batch(element))
      }
      try place.ask(rows)
    }
    let run = try place.work("--until-empty")
    #expect(run.status == 0, "\(run.err)")
    let records = try place.records()
    for (card, elements) in wanted {
      #expect(try applied(records, to: "card_\(card)") == elements)
    }
    #expect(try place.delivered() == 1_000)
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
  }
}
