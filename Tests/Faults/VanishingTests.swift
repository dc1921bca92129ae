import Foundation
import Programs
import Testing

/// A Feishu that is gone from one moment to the next.
@Suite struct VanishingTests {
  /// No cards: a sandbox that has forgotten what it was sent applies a batch again.
  private static let ways: [Enqueuer.Way] = [
    .preview, .everyone, .manyPreviews, .plainSQL, .session,
  ]

  @Test func `a Feishu that vanishes in the middle of calls and comes back is told everything`()
    async throws
  {
    let trial = try Trial(#function, sandbox: ["--latency", "60ms", "--latency-spread", "60ms"])
    let worker = try trial.place.startWork("--log", "text")
    for _ in 0..<4 * Soak.factor {
      for _ in 0..<5 { try await trial.ask(Self.ways) }
      let isInFlight = try await soon { try trial.isInFlight() }
      #expect(isInFlight)
      try await Task.sleep(for: .milliseconds(trial.dice.number(0...300)))
      trial.place.killSandbox()
      try await trial.ask([.everyone])
      // It has met the closed port.
      let calls = "select count(*) from call where outcome = 'unreachable'"
      let before = try trial.place.number(calls)
      let isMissed = try await soon { try trial.place.number(calls) > before }
      #expect(isMissed)
      try trial.place.bringSandboxBack()
    }
    try await trial.end(worker: worker)
    try trial.expectAllKept()
  }
}
