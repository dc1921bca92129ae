/// P8: what an answer says is heeded before anything else is sent.
extension Judge {
  func checkPatience(_ call: CallRecord, at now: Int) {
    let called = call.called
    if let login = called.login { checkLogin(login, call, at: now) }
    for other in calls.reversed() where other.called.account == called.account {
      // Longer than any pause checked here.
      if other.leftAt < now - 3_600_000 { return }
      guard other.isSettled, case .refused(let code, let wait_ms)? = other.result,
        other.answered < call.claimed, other.answered > resumed, let answeredAt = other.answeredAt
      else { continue }
      // A machine that comes back with a fast clock believes that more time has passed.
      let span = now - answeredAt + clockSlack_ms
      if other.called.api == called.api && span < wait_ms {
        blame(
          "P8", "call \(call.number) goes \(span) ms after the server asked for \(wait_ms) ms",
          at: now)
      }
      let isLimited = code == 99_991_400 || code == 230_020
      let isSame = other.called.api == called.api && called.api != .auth
      if isLimited, wait_ms == 0, isSame, span < 1_000 {
        blame("P8", "call \(call.number) goes \(span) ms after too many", at: now)
      }
      // The worker may try once an hour whether the quota has been raised.
      let least = isOneMonth(answeredAt, now) ? 3_600_000 : 60_000
      if code == 99_991_403, called.hasQuota, span < least {
        blame(
          "P8", "the month's calls are spent, and call \(call.number) goes \(span) ms later",
          at: now)
      }
      // What was refused with another ticket or another token of the app is no reason to wait.
      let isAnother =
        called.login != other.called.login
        || called.login != .own && called.body != other.called.body
      if other.called.api == .auth, called.api == .auth, other.run == call.run, !isAnother,
        other.answered > configuration.secretChanged(called.account)
      {
        let least = code == 10_014 ? 60_000 : 1_000
        if span < least {
          blame("P8", "an access token is asked for \(span) ms after \(code)", at: now)
        }
      }
      if code == 99_991_672 && span < 900_000 {
        let later = calls.reversed().prefix { $0.number != other.number }
        if later.contains(where: { $0.called.account == called.account && $0.result == .success }) {
          continue
        }
        if later.contains(where: { $0.claimed < other.answered && $0.result == nil }) { continue }
        blame(
          "P8", "the app has no permission, and call \(call.number) goes \(span) ms later", at: now)
      }
    }
  }
}
