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
  // New ones go to the end: the place in this list chooses the dice.
  case slow

  var option: String {
    "--" + String(rawValue.map { $0 == "_" ? "-" : $0 })
  }

  /// Faults that come from an account that is not in order: given without a value, they strike
  /// every call.
  var isUsuallyConstant: Bool { self == .quota || self == .missingScope }

  /// Faults of the connection can strike anywhere; the others need a call made with a token.
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
          + "not '\(printable(text))'.")
    }
  }
}

/// An answer given whatever the call is.
struct ForcedAnswer: Equatable {
  var status = 400
  var code = 2200
}

struct FaultSettings: Equatable {
  /// Everything but logging in.
  static let updates: Set<Endpoint> = [.previews, .cards, .sessions]

  var chances: [Fault: Chance] = [:]
  var endpoints = Self.updates
  /// What the fault `refuse` answers.
  var forced = ForcedAnswer()
  /// How long the body of the fault `slow` is under way.
  var slowness: Microseconds = 3_000_000
  var latency: Microseconds = 0
  var spread: Microseconds = 0
  var seed: UInt64 = 1
}

/// Decides which call meets which fault. The n-th call to an endpoint meets the same one in every
/// run with the same seed and settings, whatever it carries and whenever it comes.
struct Faults {
  struct Fate: Equatable {
    var fault: Fault?
    var delay: Microseconds = 0
  }

  private let settings: FaultSettings
  /// A generator for each fault, so that switching one on does not move the others.
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
      // Every die is thrown at every call, also when a fault is found already: what one fault does
      // must not depend on the others.
      let isStruck = strikes(fault, dice: &dice[index], call: call)
      guard isStruck, fate.fault == nil else { continue }
      if fault.isOfTheConnection || endpoint != .accessToken { fate.fault = fault }
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

/// SplitMix64: small, and the same on every machine, which the system's generator is not.
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
