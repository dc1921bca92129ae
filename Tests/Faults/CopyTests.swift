import Foundation
import Larkspur
import Programs
import Testing

/// `sqlite3 queue.db '.backup copy.db'` while the queue is in use.
@Suite(.onOwnThreads, .timeLimit(Soak.bound)) struct CopyTests {
  @Test func `copies made during work are sound and hold all that was accepted before`()
    async throws
  {
    let trial = try Trial(#function, sandbox: ["--latency", "100ms"])
    let worker = try trial.place.startWork("--quiet")
    for number in 0..<5 * Soak.factor {
      try await trial.ask()
      let copy = try await copy(trial.place, as: "copy-\(number).db")
      let judge = try RecordJudge(
        record: trial.place.record, queue: copy, accepted: trial.accepted)
      #expect(try judge.damage() == [])
      #expect(try rows(of: copy) <= rows(of: trial.place.queue))
    }
    try await trial.end(worker: worker)
    try trial.expectAllKept()
  }

  @Test func `a copy made in the middle of calls is worked to its end elsewhere`() async throws {
    let trial = try Trial(#function, sandbox: ["--latency", "2s"])
    for _ in 0..<10 { try await trial.ask() }
    let worker = try trial.place.startWork("--quiet")
    let isInFlight = try await soon { try trial.isInFlight() }
    #expect(isInFlight)
    let copied = Date()
    let copy = try await copy(trial.place, as: "copy.db")
    #expect(try Inspector(queue: copy).rows("select 1 from in_flight").rows.count > 0)
    worker.kill(SIGKILL)
    _ = try await worker.finished()
    let elsewhere = try Place()
    elsewhere.queue = copy
    let run = try await elsewhere.startWork("--until-empty", "--quiet").finished()
    #expect(run.status == 0, "\(run.err)")
    let findings = try RecordJudge(
      record: elsewhere.record, queue: copy, accepted: trial.accepted, since: copied
    ).findings()
    #expect(findings.isEmpty, "\(findings.joined(separator: "\n"))")
  }

  private func rows(of queue: String) throws -> Int {
    guard
      case .int(let rows)? = try Inspector(queue: queue).rows("select count(*) from ask")
        .rows.first?.first
    else { return -1 }
    return rows
  }

  private func copy(_ place: Place, as name: String) async throws -> String {
    let copy = place.folder.appending(path: name).path
    let end = try await Programs.startOther(
      "sqlite3", ["-cmd", ".timeout 60000", place.queue, ".backup '\(copy)'"]
    ).finished()
    #expect(end.status == 0, "\(end.err)")
    return copy
  }
}
