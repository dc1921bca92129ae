import Foundation

/// The result of one life, sent from the process that ran it to the one that reports.
struct Told: Codable {
  var seed: UInt64
  var broken: String?
  var simulated_ms = 0
  var asks = 0
  var calls = 0
  var runs = 0
  var kills = 0
  var faults: [String: Int] = [:]
  var slowest_ms = 0
  var slowestCalm_ms = 0
  var foretold = 0
  var foretoldHeld = 0
  /// Statements, by a checksum of their text: all, and those before and after which a worker was
  /// killed.
  var statements: Set<UInt32> = []
  var killedBefore: Set<UInt32> = []
  var killedAfter: Set<UInt32> = []

  init(seed: UInt64, _ life: Life, _ broken: Broken?) {
    self.seed = seed
    self.broken = broken?.description
    let story = life.story
    simulated_ms = story.simulated_ms
    asks = story.asks
    calls = story.calls
    runs = story.runs
    kills = story.kills
    faults = story.faults
    slowest_ms = story.slowest_ms
    slowestCalm_ms = story.slowestCalm_ms
    (foretold, foretoldHeld) = (story.foretold, story.foretoldHeld)
    statements = Set(life.knownStatements.map(Self.checksum))
    killedBefore = Set(story.killedBefore.map(Self.checksum))
    killedAfter = Set(story.killedAfter.map(Self.checksum))
  }

  /// FNV-1a.
  private static func checksum(_ text: String) -> UInt32 {
    text.utf8.reduce(0x811c_9dc5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }
}

extension Broken: CustomStringConvertible {
  var description: String { "\(promise), \(at - Life.beginning) ms after the beginning: \(what)" }
}
