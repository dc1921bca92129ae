/// What the server counts, by arrival: P1, and the budgets of P4.
struct Spacing {
  struct Limits {
    var previewsPerSecond: Int
  }

  private var lastArrival: [String: Int] = [:]
  private var moments: [String: [Int]] = [:]

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
    // One that was held up arrives in a second that was not its own.
    if call.isHeldUp { return nil }
    let all = "\(called.account) \(called.api.rawValue)"
    switch called.api {
    case .preview:
      return count(all, limits.previewsPerSecond, per: 1_000, moment)
    case .card, .session:
      return count("\(all) minute", 1_000, per: 60_000, moment)
        ?? count("\(all) second", 50, per: 1_000, moment)
        ?? (called.api == .card ? count(called.key(called.lanes[0]), 10, per: 1_000, moment) : nil)
    case .auth: return nil
    }
  }

  private mutating func count(
    _ what: String, _ most: Int, per span: Int, _ moment: Int
  ) -> (promise: String, what: String)? {
    moments[what] = (moments[what] ?? []).filter { $0 > moment - span } + [moment]
    let count = moments[what]?.count ?? 0
    return count > most ? ("P4", "\(what): \(count) calls within \(span) ms") : nil
  }
}
