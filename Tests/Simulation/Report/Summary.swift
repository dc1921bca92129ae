/// The report on all lives together.
struct Summary {
  private(set) var lives = 0
  private(set) var broken: [(seed: UInt64, what: String)] = []
  /// Processes that ended before they had run their share.
  var failures: [String] = []
  private var simulated_ms = 0
  private var asks = 0
  private var calls = 0
  private var runs = 0
  private var kills = 0
  private var faults: [String: Int] = [:]
  private var slowest = (span: 0, seed: UInt64(0))
  private var slowestCalm = (span: 0, seed: UInt64(0))
  private var (foretold, foretoldHeld) = (0, 0)
  private var statements: Set<UInt32> = []
  private var killedBefore: Set<UInt32> = []
  private var killedAfter: Set<UInt32> = []

  mutating func add(_ told: Told) {
    lives += 1
    if let what = told.broken { broken.append((told.seed, what)) }
    simulated_ms += told.simulated_ms
    asks += told.asks
    calls += told.calls
    runs += told.runs
    kills += told.kills
    faults.merge(told.faults, uniquingKeysWith: +)
    if told.slowest_ms > slowest.span { slowest = (told.slowest_ms, told.seed) }
    if told.slowestCalm_ms > slowestCalm.span { slowestCalm = (told.slowestCalm_ms, told.seed) }
    foretold += told.foretold
    foretoldHeld += told.foretoldHeld
    statements.formUnion(told.statements)
    killedBefore.formUnion(told.killedBefore)
    killedAfter.formUnion(told.killedAfter)
  }

  var text: String {
    let faults = faults.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.value.grouped) \($0.key.spelled)" }.joined(separator: ", ")
    return """
      \(lives == 1 ? "1 seed" : "\(lives.grouped) seeds"): \((simulated_ms / 3_600_000).grouped) simulated hours, \
      \(asks.grouped) asks, \(calls.grouped) calls, \(runs.grouped) runs of the worker
      killed: \(kills.grouped) times, before \(killedBefore.count) and after \(killedAfter.count) \
      of \(statements.count) different SQL statements
      faults: \(faults)
      slowest way to delivery: \(slowest.span.spanText) (seed \(slowest.seed)); where nothing \
      fails \(slowestCalm.span.spanText) (seed \(slowestCalm.seed))
      foretold: \(foretold.grouped) lanes left, \(foretoldHeld.grouped) of them while everything held that \
      the moment rested on
      """
  }
}

extension Int {
  fileprivate var grouped: String {
    let digits = String(self)
    return digits.enumerated().map { index, digit in
      (digits.count - index) % 3 == 0 && index > 0 ? ",\(digit)" : "\(digit)"
    }.joined()
  }

  fileprivate var spanText: String {
    switch self {
    case ..<120_000: "\(self / 1_000).\(self % 1_000 / 100) s"
    case ..<7_200_000: "\(self / 60_000) min"
    case ..<172_800_000: "\(self / 3_600_000) h"
    default: "\(self / 86_400_000) days"
    }
  }
}

extension String {
  /// Splits a camel-case name into words.
  fileprivate var spelled: String {
    reduce(into: "") { $0 += $1.isUppercase ? " \($1.lowercased())" : "\($1)" }
  }
}
