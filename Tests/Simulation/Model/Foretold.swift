/// P10: a lane leaves when it was foretold to, while what that rested on holds: nothing else is asked
/// for in its account, and every call succeeds.
struct Foretold {
  struct Saying {
    let account: String
    /// When the lane is to leave. Nil if it was not said, or only as an estimate.
    let at: Int?
    /// When this was said, in the judge's order.
    let said: Int
    let run: Int
  }

  /// By lane.
  fileprivate var sayings: [String: [Saying]] = [:]
  /// When something was last asked for, by account.
  fileprivate var asked: [String: Int] = [:]
  /// When a call last failed, by account.
  fileprivate var failed: [String: Int] = [:]
  /// How many sayings came to be judged, and for how many of them everything held.
  fileprivate(set) var judged = 0
  fileprivate(set) var held = 0
}

extension Judge {
  func foretold(_ key: String, account: String, at moment: Int?) {
    foretold.sayings[key, default: []].append(
      .init(account: account, at: moment, said: next(), run: run))
  }

  func noteAsked(_ account: String) { foretold.asked[account] = order }

  func noteFailed(_ account: String) { foretold.failed[account] = order }

  func checkForetold(_ call: CallRecord, at now: Int) {
    for lane in call.called.lanes {
      let key = call.called.key(lane)
      for saying in foretold.sayings.removeValue(forKey: key) ?? [] {
        foretold.judged += 1
        guard let moment = saying.at, saying.run == run,
          foretold.asked[saying.account] ?? 0 < saying.said,
          foretold.failed[saying.account] ?? 0 < saying.said
        else { continue }
        foretold.held += 1
        if moment != now {
          blame("P10", "\(lane) leaves \(now - moment) ms after it was foretold to", at: now)
        }
      }
    }
  }
}
