import Terminal

/// Reads the faults from the command line.
extension FaultSettings {
  static let options: [Option] =
    Fault.allCases.map { Option($0.option, $0.isUsuallyConstant ? .attached : .one) }
    + ["--refuse-with", "--slow-for", "--latency", "--latency-spread", "--faults-on", "--seed"]
    .map { Option($0, .one) }

  private enum Target: String, CaseIterable {
    case updates, previews, cards, sessions, token, oauth, all

    var endpoints: Set<Endpoint> {
      switch self {
      case .updates: FaultSettings.updates
      case .previews: [.previews]
      case .cards: [.cards]
      case .sessions: [.sessions]
      case .token: [.accessToken, .appToken, .tenantToken, .ticket]
      case .oauth: [.oauth]
      case .all: Set(Endpoint.allCases)
      }
    }
  }

  init(_ options: Options) throws(Failure) {
    self.init()
    for fault in Fault.allCases where options.has(fault.option) {
      chances[fault] =
        if let text = options.one(fault.option) {
          try Chance(parsing: text, for: fault.option)
        } else { .always }
    }
    if let answer = try options.answer("--refuse-with") { forced = answer }
    if let time = try options.microseconds("--slow-for") { slowness = time }
    if let time = try options.microseconds("--latency") { latency = time }
    if let time = try options.microseconds("--latency-spread") { spread = time }
    if let number = try options.number("--seed", 0...Int.max) { seed = UInt64(number) }
    if let target = try options.word("--faults-on", Target.self) { endpoints = target.endpoints }
    // Faults that could strike nothing.
    let idle = Fault.allCases.first { fault in
      chances[fault] != nil && !endpoints.contains { fault.strikes($0) }
    }
    if let idle, let target = options.one("--faults-on") {
      throw Failure(
        .usage,
        "\(idle.option) applies only to calls with an access token; leave out --faults-on \(target)"
      )
    }
  }
}
