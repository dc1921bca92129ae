/// At most so many calls within any span of `window`, counted by arrival.
struct CallBudget {
  let calls: Int
  let window: Microseconds
  private var arrivals: [Microseconds] = []

  init(calls: Int, per window: Microseconds = 1_000_000) {
    self.calls = calls
    self.window = window
  }

  /// Counts the call, or says how long it is until one would be let through.
  mutating func admit(at now: Microseconds) -> Microseconds? {
    if calls == 0 { return nil }
    arrivals.removeFirst(arrivals.prefix { $0 + window <= now }.count)
    // A call that is turned away is not counted: being asked to wait costs nothing more.
    if arrivals.count >= calls { return arrivals[0] + window - now }
    arrivals.append(now)
    return nil
  }
}

/// At most one update of a token per `interval`, counted by arrival.
struct TokenSpacing {
  static let interval: Microseconds = 5_000_000

  private var last: [String: Microseconds] = [:]
  private var order: [(token: String, at: Microseconds)] = []
  private var forgotten = 0

  /// Which tokens may be updated now. One that is listed twice is early the second time.
  func sort(
    _ tokens: [String], at now: Microseconds
  ) -> (ready: [String], early: [String]) {
    var ready: [String] = []
    var early: [String] = []
    for token in tokens {
      let isWaiting = last[token].map { now - $0 < Self.interval } ?? false
      if isWaiting || ready.contains(token) { early.append(token) } else { ready.append(token) }
    }
    return (ready, early)
  }

  mutating func note(_ tokens: [String], at now: Microseconds) {
    for token in tokens {
      last[token] = now
      order.append((token, now))
    }
    forget(atMost: 2 * tokens.count, at: now)
  }

  /// Forgets what no longer matters, a little at each call: sweeping a long table at once would
  /// hold up the arrivals behind it.
  private mutating func forget(atMost count: Int, at now: Microseconds) {
    for _ in 0..<count {
      guard forgotten < order.count, order[forgotten].at + Self.interval <= now else { break }
      let (token, at) = order[forgotten]
      if last[token] == at { last[token] = nil }
      forgotten += 1
    }
    if forgotten > 1_000 && forgotten > order.count / 2 {
      order.removeFirst(forgotten)
      forgotten = 0
    }
  }

  /// How many tokens are remembered, for the test that this stays bounded.
  var remembered: Int { last.count }
}
