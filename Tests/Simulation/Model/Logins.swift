/// P8: what store apps and their tenants may ask of the API that issues access tokens.
extension Judge {
  func checkLogin(_ login: Called.Login, _ call: CallRecord, at now: Int) {
    let before = calls.reversed().prefix { $0.leftAt > now - 7_200_000 }.filter {
      $0.called.account == call.called.account && $0.called.login == login
    }
    for other in before {
      let span = now - other.leftAt + clockSlack_ms
      if login == .resend, span < 600_000 {
        blame("P8", "a ticket is asked for again after \(span) ms", at: now)
      }
      guard other.isSettled, case .refused(let code, _)? = other.result,
        other.settled < call.claimed
      else { continue }
      if code == 10_012 || code == 99_991_664, other.called.body == call.called.body {
        blame("P8", "call \(call.number) carries what was refused with \(code)", at: now)
      }
      if code == 20_009, span < 900_000, other.answered > resumed {
        blame(
          "P8", "\(call.called.account) has removed the app, and is tried \(span) ms later", at: now
        )
      }
    }
  }
}
