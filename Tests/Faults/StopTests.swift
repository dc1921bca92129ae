import Foundation
import Programs
import Testing

/// Programs that are stopped for a while, as on a machine that sleeps, and continue.
@Suite(.onOwnThreads, .timeLimit(Soak.bound)) struct StopTests {
  private static let length = Duration.seconds(20 * Soak.factor)

  @Test
  func `a worker stopped for twenty seconds with a call in flight goes on as if it had not been`()
    async throws
  {
    let trial = try Trial(#function, sandbox: ["--latency", "300ms"])
    for _ in 0..<20 { try await trial.ask() }
    let worker = try trial.place.startWork("--quiet")
    let isInFlight = try await soon { try trial.isInFlight() && trial.isFolded() }
    #expect(isInFlight)
    worker.kill(SIGSTOP)
    let end = ContinuousClock.now + Self.length
    while ContinuousClock.now < end {
      // It may have been stopped while it held the lock, and no other program can take the lock
      // from it.
      try await trial.ask(orBeRefused: "locked by another program")
      try await Task.sleep(for: .milliseconds(500))
    }
    worker.kill(SIGCONT)
    try await trial.end(worker: worker)
    try trial.expectAllKept()
  }

  @Test func `a worker stopped again and again at any moment sends nothing too early or too often`()
    async throws
  {
    let trial = try Trial(#function, sandbox: ["--latency", "20ms", "--latency-spread", "20ms"])
    let worker = try trial.place.startWork("--quiet")
    let end = ContinuousClock.now + Self.length
    while ContinuousClock.now < end {
      try await trial.ask()
      try await Task.sleep(for: .microseconds(trial.dice.number(0...50_000)))
      worker.kill(SIGSTOP)
      try await Task.sleep(for: .milliseconds(trial.dice.number(1...1_500)))
      worker.kill(SIGCONT)
    }
    try await trial.end(worker: worker)
    try trial.expectAllKept()
  }

  /// Shorter than a call may take. A call that arrives later than that cannot be taken back by any
  /// client.
  @Test func `while Feishu stands still for eight seconds its answers are waited for`() async throws
  {
    let trial = try Trial(#function, sandbox: [])
    let worker = try trial.place.startWork("--quiet")
    try await trial.ask([.everyone])
    let isAwake = try await soon { try !trial.hasOpenAsks() }
    #expect(isAwake)
    trial.place.sandbox?.kill(SIGSTOP)
    for _ in 0..<3 { try await trial.ask([.everyone, .session]) }
    try await Task.sleep(for: .seconds(8))
    trial.place.sandbox?.kill(SIGCONT)
    for _ in 0..<10 { try await trial.ask() }
    try await trial.end(worker: worker)
    try trial.expectAllKept()
  }
}
