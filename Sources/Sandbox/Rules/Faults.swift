import Terminal

/// What can go wrong on purpose. When several strike one call, the first in this order wins.
enum Fault: String, CaseIterable {
  case rejectToken = "reject_token"
  case missingScope = "missing_scope"
  case quota
  case limit
  case refuse
  case dropBefore = "drop_before"
  case fail5xx = "fail_5xx"
  case html
  case dropAfter = "drop_after"
  case cut
  case never
  // Add new faults at the end: the position in this list selects the random numbers.
  case slow

  var option: String {
    "--" + String(rawValue.map { $0 == "_" ? "-" : $0 })
  }

  /// Faults of an account that is not in order. Given without a value, they strike every call.
  var isUsuallyConstant: Bool { self == .quota || self == .missingScope }

  func strikes(_ endpoint: Endpoint) -> Bool {
    switch endpoint {
    case .accessToken, .appToken, .tenantToken, .ticket: isOfTheConnection
    // Its server errors have codes.
    case .oauth: isOfTheConnection || self == .refuse
    case .previews, .cards, .sessions: true
    }
  }

  /// Faults of the connection can strike any call; the others need a call made with a token.
  var isOfTheConnection: Bool {
    switch self {
    case .dropBefore, .fail5xx, .html, .dropAfter, .cut, .never, .slow: true
    case .rejectToken, .missingScope, .quota, .limit, .refuse: false
    }
  }
}

/// How often a fault strikes.
enum Chance: Equatable {
  case first(Int)
  case likely(Double)

  static let always = Chance.likely(1)

  init(parsing text: String, for option: String) throws(Failure) {
    if text.hasPrefix("first:"), let count = Int(text.dropFirst(6)), count >= 0 {
      self = .first(count)
    } else if let probability = Double(text), (0...1).contains(probability) {
      self = .likely(probability)
    } else {
      throw Failure(
        .usage,
        "\(option) takes a probability from 0 to 1, or first:N for the first N calls, "
          + "not '\(printable(text))'")
    }
  }
}

/// A fixed answer, whatever the call is.
struct ForcedAnswer: Equatable {
  var status = 400
  var code = 2200
}

struct FaultSettings: Equatable {
  /// All APIs except the one for access tokens.
  static let updates: Set<Endpoint> = [.previews, .cards, .sessions]

  var chances: [Fault: Chance] = [:]
  var endpoints = Self.updates
  /// The answer of the fault `refuse`.
  var forced = ForcedAnswer()
  /// How long it takes to send the body of an answer with the fault `slow`.
  var slowness: Microseconds = 3_000_000
  var latency: Microseconds = 0
  var spread: Microseconds = 0
  var seed: UInt64 = 1
}

/// Decides which call meets which fault. The same order of calls to the endpoints meets the same
/// faults in every run with the same seed and settings, whatever the calls contain and whenever
/// they come.
struct Faults {
  struct Fate: Equatable {
    var fault: Fault?
    var delay: Microseconds = 0
  }

  private let settings: FaultSettings
  /// One generator for each fault, so that switching one on does not change the others.
  private var dice: [SeededGenerator]
  private var latencyDice: SeededGenerator
  private var calls: [Endpoint: Int] = [:]

  init(_ settings: FaultSettings) {
    self.settings = settings
    dice = Fault.allCases.indices.map {
      SeededGenerator(seed: settings.seed, stream: UInt64($0 + 1))
    }
    latencyDice = SeededGenerator(seed: settings.seed, stream: 0)
  }

  mutating func next(for endpoint: Endpoint) -> Fate {
    guard settings.endpoints.contains(endpoint) else { return Fate() }
    let call = calls[endpoint, default: 0] + 1
    calls[endpoint] = call
    var fate = Fate(delay: nextDelay())
    for (index, fault) in Fault.allCases.enumerated() {
      // Draw for every fault at every call, even if a fault is already found, so that no fault
      // depends on the others.
      let isStruck = strikes(fault, dice: &dice[index], call: call)
      guard isStruck, fate.fault == nil else { continue }
      if fault.strikes(endpoint) { fate.fault = fault }
    }
    return fate
  }

  private func strikes(_ fault: Fault, dice: inout SeededGenerator, call: Int) -> Bool {
    switch settings.chances[fault] {
    case nil: false
    case .first(let count): call <= count
    case .likely(let probability): dice.nextUnit() < probability
    }
  }

  private mutating func nextDelay() -> Microseconds {
    let offset = (latencyDice.nextUnit() * 2 - 1) * Double(settings.spread)
    return max(0, settings.latency + Microseconds(offset))
  }
}

/// SplitMix64: small, and the same on every machine, unlike the system's generator.
struct SeededGenerator {
  private var state: UInt64

  init(seed: UInt64, stream: UInt64) {
    state = seed &+ stream &* 0xD1B5_4A32_D192_ED03
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// From 0 up to but not including 1.
  mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
