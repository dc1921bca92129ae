/// What the server counts, by arrival: P1 and the budgets of P4. Every call counts, however late it
/// is.
struct Spacing {
  struct Limits {
    var previewsPerSecond: Int
  }

  private let route: Route
  private var lastArrival: [String: Int] = [:]
  private var windows: [String: [Passing]] = [:]
  private struct Passing {
    let arrived: Int
    let left: Int
    let claimed: Int
    /// The most calls that fit in a window, as configured when this call was claimed.
    let most: Int
  }

  init(_ route: Route) { self.route = route }

  mutating func arrived(
    _ call: CallRecord, limits: Limits, at moment: Int
  ) -> (promise: String, what: String)? {
    let called = call.called
    if called.api == .preview {
      for lane in called.lanes {
        let last = lastArrival.updateValue(moment, forKey: called.key(lane))
        if let last, moment - last < 5_000 {
          return ("P1", "\(lane) arrived again after \(moment - last) ms (call \(call.number))")
        }
      }
    }
    func count(_ what: String, _ most: Int, per span: Int) -> (promise: String, what: String)? {
      let passing = Passing(
        arrived: moment, left: call.leftAt - Life.beginning, claimed: call.claimed, most: most)
      return self.count(what, per: span, passing)
    }
    switch called.api {
    case .preview: return count(called.channel, limits.previewsPerSecond, per: 1_000)
    case .card, .session:
      return count("\(called.channel) minute", 1_000, per: 60_000)
        ?? count("\(called.channel) second", 50, per: 1_000)
        ?? (called.api == .card ? count(called.key(called.lanes[0]), 10, per: 1_000) : nil)
    case .auth: return nil
    }
  }

  /// The limit is the one under which the newest call was claimed: by then the earlier ones were
  /// known.
  private mutating func count(
    _ what: String, per span: Int, _ passing: Passing
  ) -> (promise: String, what: String)? {
    let window = (windows[what] ?? []).filter { $0.arrived > passing.arrived - span } + [passing]
    windows[what] = window
    let most = window.max { $0.claimed < $1.claimed }?.most ?? passing.most
    if window.count <= most || hasShortened(under: window) { return nil }
    return ("P4", "\(what): \(window.count) calls within \(span) ms")
  }

  /// The one exception to P4: while these calls left, the way to the server became shorter by more
  /// than half a round trip. The history tells; jitter excuses nothing.
  private func hasShortened(under calls: [Passing]) -> Bool {
    guard let first = calls.map(\.left).min(), let last = calls.map(\.left).max() else {
      return false
    }
    let before = route.base(at: first)
    return 2 * (before.out - route.base(at: last).out) > before.roundTrip
  }
}

extension Called {
  /// What has one rate limit.
  var channel: String { "\(account) \(api.rawValue)" }
}
