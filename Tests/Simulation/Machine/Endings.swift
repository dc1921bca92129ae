extension Life {
  /// How long a run with an end may go on while everything it sends is refused. The third probe is
  /// sent less than three minutes after the first; before that, it takes a few refusals to detect
  /// the outage.
  private static let longestRefusal = 1_200_000

  /// Checks every five minutes that a run with an end does not go on while everything is refused.
  func watchEnd(of number: Int, since began: Int) {
    agenda.plan(now + 300_000) { [unowned self] in
      guard let run, run.number == number, !run.process.isDead, judge.broken == nil else { return }
      if now - began >= Self.longestRefusal, isEverythingRefused() {
        judge.blame(
          "P8", "worker \(number) has been refused everything for \(Self.longestRefusal) ms",
          at: now)
      }
      watchEnd(of: number, since: began)
    }
  }

  private func isEverythingRefused() -> Bool {
    let began = now - Self.longestRefusal
    if let last = judge.calls.last(where: { $0.result == .success && $0.called.api != .auth }),
      last.answeredAt ?? now > began
    {
      return false
    }
    let open = (people.look() ?? []).filter { $0.end == nil }.compactMap { judge.asks[$0.id] }
    let all = outages.filter {
      $0.from <= began && $0.until >= now && $0.what.permille == 1_000 && $0.what.lane == nil
        && !$0.what.saying.isLimit
    }
    return !open.isEmpty
      && open.allSatisfy { ask in
        all.contains { outage in
          (outage.what.account ?? ask.wish.account) == ask.wish.account
            && (outage.what.api?.rawValue ?? ask.wish.callKind.rawValue)
              == ask.wish.callKind.rawValue
        }
      }
  }
}
