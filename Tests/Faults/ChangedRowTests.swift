import Foundation
import Larkspur
import Programs
import Testing

/// Rows of the queue that are changed with SQL while the worker runs.
@Suite(.onOwnThreads, .timeLimit(Soak.bound)) struct ChangedRowTests {
  private static let length = Duration.seconds(12 * Soak.factor)
  /// Nothing that takes minutes to deliver.
  private static let ways = Enqueuer.Way.allCases.filter { $0 != .manyPreviews }

  @Test(arguments: [false, true])
  func `whatever is done to rows, the worker goes on, delivers the others, and ends them all`(
    changesTables: Bool
  ) async throws {
    let trial = try Trial(#function, sandbox: ["--latency", "30ms", "--latency-spread", "40ms"])
    for _ in 0..<10 { try await trial.ask() }
    let worker = try trial.place.startWork("--quiet")
    var vandal = try Vandal(
      at: trial.place, Soak.dice("vandal \(changesTables)"), changesTables: changesTables)
    let end = ContinuousClock.now + Self.length
    while ContinuousClock.now < end {
      for _ in 0..<trial.dice.number(1...100) { try vandal.strike() }
      try await trial.ask(Self.ways)
    }
    _ = try await vandal.leave()
    for _ in 0..<10 { try await trial.ask() }
    _ = try await soon(within: 120) {
      try !worker.process.isRunning || openAsks(of: trial) == 0
    }
    #expect(worker.process.isRunning, "\(seed)\n\(worker.errors)")
    #expect(try openAsks(of: trial) == 0, "\(seed)")
    worker.kill(SIGTERM)
    let stopped = try await worker.finished()
    if stopped.status != 0 { _ = try trial.place.keepEvidence() }
    #expect(stopped.status == 0, "\(seed)\n\(stopped.err)")
    try await endTheRest(of: trial)
    let findings = try RecordJudge(
      record: trial.place.record, queue: trial.place.queue, accepted: trial.accepted,
      lanes: Vandal.leavesAlone
    ).findings()
    #expect(findings.isEmpty, "\(seed)\n\(findings.joined(separator: "\n"))")
    let ruined =
      "select count(*) from ask where outcome = 'dead' and reason like 'the row was changed%'"
    #expect(try trial.place.number(ruined) > 0, "nothing that was done has ruined a row: \(seed)")
    #expect(try strangers(in: trial.place) == [], "\(seed)")
  }

  private var seed: String { "LARKSPUR_SEED=\(Soak.seed)" }

  private func openAsks(of trial: Trial) throws -> Int {
    let ids = trial.accepted.map(String.init).joined(separator: ",")
    return try trial.place.number(
      "select count(*) from ask where outcome is null and id in (\(ids))")
  }

  /// Changed rows end within the hour in which all rows are checked.
  private func endTheRest(of trial: Trial) async throws {
    try QueueFile.open(trial.place.queue, creating: false).run(
      script: "update worker set pruned_ms = 0")
    let run = try trial.place.startWork("--until-empty", "--quiet")
    let end = try await run.finished(within: 240)
    #expect([0, 1].contains(end.status), "\(seed)\n\(end.status) \(end.err)")
    let open = try Inspector(queue: trial.place.queue).rows(
      "select * from ask where outcome is null limit 3"
    ).rows
    if !open.isEmpty { _ = try trial.place.keepEvidence() }
    #expect(open.isEmpty, "\(seed)")
  }

  /// Users who were refreshed although no ask has ever named them.
  private func strangers(in place: Place) throws -> [String] {
    try place.previews().flatMap { $0.open_ids ?? [] }.filter { person in
      !["ou_bulk_", "ou_v"].contains { person.hasPrefix($0) }
        && !["ou_1", "ou_2", "ou_3"].contains(person)
    }
  }
}
