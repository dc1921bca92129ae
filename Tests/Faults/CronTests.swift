import Foundation
import Programs
import Testing

/// A careless crontab.
@Suite(.onOwnThreads, .timeLimit(Soak.bound)) struct CronTests {
  @Test func `runs that are started every 100 ms for a minute overlap without harm`() async throws {
    let trial = try Trial(#function, sandbox: ["--latency", "50ms", "--latency-spread", "40ms"])
    var runs: [Started] = []
    let start = ContinuousClock.now
    for tick in 0..<600 * Soak.factor {
      try await Task.sleep(until: start + .milliseconds(100 * tick))
      runs.append(try trial.place.startWork("--once", "--quiet"))
      if trial.dice.isLucky(onceIn: 4) { try await trial.ask() }
      try expectSuccess(ofEnded: &runs)
    }
    let areOver = try await soon {
      try expectSuccess(ofEnded: &runs)
      return runs.isEmpty
    }
    #expect(areOver)
    try await trial.drain()
    try trial.expectAllKept()
  }

  private func expectSuccess(ofEnded runs: inout [Started]) throws {
    for run in runs where !run.process.isRunning {
      let end = run.finish()
      #expect(end.status == 0 || isTheMachinesDoing(end.status, end.err), "\(end.err)")
    }
    runs.removeAll { !$0.process.isRunning }
  }

  /// A busy machine may delay a call until it arrives with those of the next second, or take longer
  /// for a claim than the claim's charge covers. The run then reports that it has left something;
  /// the judge decides whether anything was done too early.
  private func isTheMachinesDoing(_ status: Int32, _ words: String) -> Bool {
    status == 75 && words.contains("99991400")
      || status == 75 && words.contains("this machine took too long")
  }
}
