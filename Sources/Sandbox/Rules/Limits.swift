/// Limits the calls in each of several spans of time, counted by arrival.
struct CallBudget {
  private struct Window {
    let calls: Int
    let length: Microseconds
    /// The arrivals that can still matter, oldest first: never more than `calls`.
    var arrivals: [Microseconds] = []
  }

  /// Why a call was turned away.
  struct Refusal: Equatable {
    let calls: Int
    let wait: Microseconds
  }

  private let limiting: RuleSettings.Limiting
  private var windows: [Window]

  /// A limit of 0 calls means no limit.
  init(_ limits: [(calls: Int, length: Microseconds)], _ limiting: RuleSettings.Limiting) {
    self.limiting = limiting
    windows = limits.filter { $0.calls > 0 }.map { Window(calls: $0.calls, length: $0.length) }
  }

  init(_ pace: RuleSettings.Pace, _ limiting: RuleSettings.Limiting) {
    self.init([(pace.perSecond, 1_000_000), (pace.perMinute, 60_000_000)], limiting)
  }

  /// Counts the call, or returns how long it takes until one would be admitted.
  mutating func admit(at now: Microseconds) -> Refusal? {
    var refusal: Refusal?
    for index in windows.indices {
      let window = windows[index]
      let begin =
        limiting.window == .fixed ? now - now % window.length : now - window.length + 1
      windows[index].arrivals.removeFirst(window.arrivals.prefix { $0 < begin }.count)
      guard let oldest = windows[index].arrivals.first,
        windows[index].arrivals.count >= window.calls
      else { continue }
      let end = (limiting.window == .fixed ? begin : oldest) + window.length
      if end - now > refusal?.wait ?? 0 {
        refusal = Refusal(calls: window.calls, wait: end - now)
      }
    }
    if refusal == nil || limiting.refused == .counted { count(now) }
    return refusal
  }

  private mutating func count(_ now: Microseconds) {
    for index in windows.indices {
      if windows[index].arrivals.count == windows[index].calls {
        windows[index].arrivals.removeFirst()
      }
      windows[index].arrivals.append(now)
    }
  }
}

/// At most one update of a token per `interval`, counted by arrival.
struct TokenSpacing {
  static let interval: Microseconds = 5_000_000

  private var last: [ExactText: Microseconds] = [:]
  private var order = Line<(token: ExactText, at: Microseconds)>()

  /// Which tokens may be updated now. A token that is listed twice is early the second time.
  func sort(
    _ tokens: [String], at now: Microseconds
  ) -> (ready: [String], early: [String]) {
    var ready: [String] = []
    var early: [String] = []
    for token in tokens {
      let isWaiting = last[ExactText(token)].map { now - $0 < Self.interval } ?? false
      let isTwice = ready.contains { $0.utf8.elementsEqual(token.utf8) }
      if isWaiting || isTwice { early.append(token) } else { ready.append(token) }
    }
    return (ready, early)
  }

  mutating func note(_ tokens: [String], at now: Microseconds) {
    for token in tokens {
      last[ExactText(token)] = now
      order.append((ExactText(token), now))
    }
    forget(atMost: 2 * tokens.count, at: now)
  }

  /// Forgets tokens whose interval is over, a few at each call. Sweeping a long table at once would
  /// delay the calls that arrive meanwhile.
  private mutating func forget(atMost count: Int, at now: Microseconds) {
    for _ in 0..<count {
      guard let (token, at) = order.first, at + Self.interval <= now else { return }
      if last[token] == at { last[token] = nil }
      order.removeFirst()
    }
  }

  /// How many tokens are remembered, for the test that this stays bounded.
  var remembered: Int { last.count }
}
