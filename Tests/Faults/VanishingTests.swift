import Foundation
import Programs
import Testing

/// A Feishu that disappears without warning.
@Suite(.onOwnThreads, .timeLimit(Soak.bound)) struct VanishingTests {
  /// No cards, because a sandbox that has forgotten its calls would apply a batch again.
  private static let ways: [Enqueuer.Way] = [
    .preview, .everyone, .manyPreviews, .plainSQL, .session,
  ]

  @Test func `a Feishu that vanishes in the middle of calls and comes back is told everything`()
    async throws
  {
    let latency = ["--latency", "60ms", "--latency-spread", "60ms"]
    // The record notes calls that are never answered at once, so they are in it when the sandbox
    // disappears.
    let trial = try Trial(#function, sandbox: latency + ["--never", "0.2"])
    let worker = try trial.place.startWork("--log", "text")
    for outage in 1...4 * Soak.factor {
      for _ in 0..<5 { try await trial.ask(Self.ways) }
      let isInFlight = try await soon { try trial.isInFlight() }
      #expect(isInFlight)
      try await Task.sleep(for: .milliseconds(trial.dice.number(0...300)))
      trial.place.killSandbox()
      try await trial.ask([.everyone])
      if trial.dice.isLucky() { try await expectMissed(at: trial.place) }
      // In the end all calls are answered. Four unanswered calls in a row would take longer than
      // the test has.
      let isLast = outage == 4 * Soak.factor
      try trial.place.bringSandboxBack(with: isLast ? latency : nil)
    }
    try await trial.end(worker: worker)
    try trial.expectAllKept()
  }

  /// The worker meets the closed port.
  private func expectMissed(at place: Place) async throws {
    let calls = "select count(*) from call where outcome = 'unreachable'"
    let before = try place.number(calls)
    let isMissed = try await soon { try place.number(calls) > before }
    #expect(isMissed)
  }
}
