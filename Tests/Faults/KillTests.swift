import Foundation
import Programs
import Testing

/// `kill -9` at any instruction of the worker and of the programs that ask.
@Suite(.onOwnThreads, .timeLimit(Soak.bound)) struct KillTests {
  private static let kills = 200 * Soak.factor

  @Test func `whoever is killed, whenever, nothing is lost, early, extra or out of order`()
    async throws
  {
    // Long calls, so that many are killed in the middle, with new asks behind them.
    let trial = try Trial(#function, sandbox: ["--latency", "130ms", "--latency-spread", "120ms"])
    var killed = 0
    var worker = try trial.place.startWork("--quiet")
    while killed < Self.kills {
      let enqueuers = try (0..<trial.dice.number(1...2)).map { _ in try trial.startEnqueuer() }
      // Any moment is fine: the promises hold at every instruction.
      try await Task.sleep(for: .microseconds(trial.dice.number(0...90_000)))
      if trial.dice.isLucky() {
        worker.kill(SIGKILL)
        killed += try await worker.finished().status == -1 ? 1 : 0
        worker = try trial.place.startWork("--quiet")
      }
      for enqueuer in enqueuers {
        let isVictim = trial.dice.isLucky()
        if isVictim { enqueuer.started.kill(SIGKILL) }
        let end = try await trial.end(enqueuer)
        if end.status == -1 { killed += 1 } else { #expect(end.status == 0, "\(end.err)") }
        try expectWholeTransactions(of: enqueuer, at: trial.place)
      }
    }
    try await trial.end(worker: worker)
    try trial.expectAllKept()
  }

  /// The queue has exactly the lines of a file that its short transactions wrote, and never a part
  /// of one transaction.
  private func expectWholeTransactions(of enqueuer: Enqueuer, at place: Place) throws {
    guard enqueuer.way == .manyPreviews else { return }
    let rows = try place.number(
      "select count(*) from ask where body = '{\"open_ids\":[\"\(enqueuer.person)\"]}'")
    #expect([0, 500, Enqueuer.linesInBulk].contains(rows))
  }
}
