import Chance
import Foundation
import Larkspur
import Programs
import Testing

/// A place where something goes wrong on purpose, the enqueuers that asked there, and the ids that
/// they were given.
final class Trial {
  let place: Place
  var dice: Dice
  private(set) var accepted: [Int] = []
  private var enqueuers = 0

  init(_ name: String, sandbox options: [String]) throws {
    place = try Place(sandbox: options)
    dice = Soak.dice(name)
    try makeQueue(at: place.queue)
  }

  /// The queue must exist before anything happens to it, because plain SQL cannot create one.
  func makeQueue(at path: String) throws {
    place.queue = path
    _ = try Intake(queue: path)
  }

  func startEnqueuer(_ ways: [Enqueuer.Way] = Enqueuer.Way.allCases) throws -> Enqueuer {
    enqueuers += 1
    return try Enqueuer(dice.pick(ways), number: enqueuers, at: place, &dice)
  }

  /// Waits for the enqueuer to end in any way, and records what it has accepted.
  @discardableResult
  func end(_ enqueuer: Enqueuer) async throws -> Programs.Finished {
    let end = try await enqueuer.started.finished()
    accepted += enqueuer.accepted
    return end
  }

  /// Asks, and may be refused with a message that contains these words; then nothing is accepted.
  /// Returns whether it was accepted.
  @discardableResult
  func ask(
    _ ways: [Enqueuer.Way] = Enqueuer.Way.allCases, orBeRefused words: String
  ) async throws -> Bool {
    let enqueuer = try startEnqueuer(ways)
    let end = try await end(enqueuer)
    if end.status != 0 { enqueuer.expectRefused(end, words) }
    return end.status == 0
  }

  /// Asks, and expects success.
  func ask(_ ways: [Enqueuer.Way] = Enqueuer.Way.allCases) async throws {
    let end = try await end(try startEnqueuer(ways))
    #expect(end.status == 0, "\(end.err)")
  }

  func hasOpenAsks() throws -> Bool {
    try place.number("select exists (select 1 from ask where outcome is null)") == 1
  }

  func isInFlight() throws -> Bool {
    try place.number("select exists (select 1 from in_flight)") == 1
  }

  /// The worker has folded all asks, so it has no reason to hold the lock.
  func isFolded() throws -> Bool {
    try place.number("select value from stats where figure = 'asks not folded yet'") == 0
  }

  /// Delivers everything that is left.
  func drain() async throws {
    let run = try place.startWork("--until-empty", "--quiet")
    let end = try await run.finished(within: 240)
    #expect(end.status == 0, "\(end.err)")
  }

  /// Waits until a worker that stays has delivered everything, and stops it.
  func end(worker: Started) async throws {
    let isDone = try await soon(within: 240) { try !hasOpenAsks() }
    #expect(isDone, "there are open asks: \(worker.errors)")
    worker.kill(SIGTERM)
    let end = try await worker.finished()
    #expect(end.status == 0, "\(end.err)")
  }

  /// By the sandbox's record, every promise was kept.
  func expectAllKept(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let findings = try place.findings(accepted: accepted)
    let kept = findings.isEmpty ? nil : try place.keepEvidence()
    #expect(
      findings.isEmpty,
      "LARKSPUR_SEED=\(Soak.seed)\n\(findings.joined(separator: "\n"))\n\(kept ?? "")",
      sourceLocation: sourceLocation)
  }
}
