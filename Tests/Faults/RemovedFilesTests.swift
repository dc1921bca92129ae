import Foundation
import Programs
import Testing

/// The files beside a queue are removed repeatedly while a worker and enqueuers are busy.
@Suite(.onOwnThreads, .timeLimit(Soak.bound)) struct RemovedFilesTests {
  /// Not plain SQL, which does not check the files before it writes.
  private static let ways: [Enqueuer.Way] = [
    .preview, .everyone, .manyPreviews, .card, .manyCards, .session,
  ]

  @Test func `whatever is removed, and whenever, nothing is lost, early, extra or out of order`()
    async throws
  {
    let trial = try Trial(#function, sandbox: ["--latency", "60ms", "--latency-spread", "60ms"])
    let worker = try trial.place.startWork("--quiet")
    for _ in 0..<25 * Soak.factor {
      let enqueuers = try (0..<2).map { _ in try trial.startEnqueuer(Self.ways) }
      try await Task.sleep(for: .microseconds(trial.dice.number(0...60_000)))
      for suffix in trial.dice.pick([["-wal"], ["-shm"], ["-wal", "-shm"], ["-shm", "-wal"]]) {
        try? FileManager.default.removeItem(atPath: trial.place.queue + suffix)
      }
      for enqueuer in enqueuers {
        let end = try await trial.end(enqueuer)
        #expect(end.status == 0, "\(end.err)")
      }
    }
    try await trial.end(worker: worker)
    try trial.expectAllKept()
  }
}
