import Foundation
import Larkspur
import Programs
import Testing

/// Another program that writes to the queue and holds the lock for a long time.
@Suite(.onOwnThreads, .timeLimit(Soak.bound)) struct LockTests {
  @Test func `a lock held for thirty seconds refuses some and loses nothing of what was accepted`()
    async throws
  {
    let trial = try Trial(#function, sandbox: ["--latency", "500ms"])
    for _ in 0..<20 { try await trial.ask() }
    let worker = try trial.place.startWork("--quiet")
    let isInFlight = try await soon { try trial.isInFlight() }
    #expect(isInFlight)
    let input = Pipe()
    let holder = try Programs.startOther("sqlite3", [trial.place.queue], input: input)
    try input.fileHandleForWriting.write(
      contentsOf: Data(".timeout 60000\nbegin immediate;\n".utf8))
    let isHeld = try await soon { try isLocked(trial.place.queue) }
    #expect(isHeld)
    let refused = try await askBeside(trial, until: .now + .seconds(30 * Soak.factor))
    #expect(refused > 0)
    // The lock ends with the program, whether it exits or is killed.
    if trial.dice.isLucky() { holder.kill(SIGKILL) }
    try input.fileHandleForWriting.close()
    _ = try await holder.finished()
    try await trial.ask()
    try await trial.end(worker: worker)
    try trial.expectAllKept()
  }

  /// Asks every second without waiting for the results, and returns how many were refused.
  private func askBeside(_ trial: Trial, until end: ContinuousClock.Instant) async throws -> Int {
    var waiting: [Enqueuer] = []
    while ContinuousClock.now < end {
      waiting.append(try trial.startEnqueuer([.preview, .everyone, .plainSQL, .card, .session]))
      try await Task.sleep(for: .seconds(1))
    }
    var refused = 0
    for enqueuer in waiting {
      let end = try await trial.end(enqueuer)
      if end.status == 0 { continue }
      refused += 1
      enqueuer.expectRefused(end, "locked by another program")
    }
    return refused
  }

  private func isLocked(_ queue: String) throws -> Bool {
    let db = try Connection(path: queue, mode: .readWrite)
    do throws(StoreError) {
      try db.run(script: "begin immediate")
      return false
    } catch { return true }
  }
}
