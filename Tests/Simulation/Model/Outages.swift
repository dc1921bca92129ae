/// P8: nobody dies of an outage.
extension Judge {
  /// Examines newly dead asks, right after the worker has committed.
  func died(_ ids: [Int], at now: Int) {
    for id in ids where !deaths.seen.contains(id) {
      guard let ask = asks[id], !ask.wish.isByKey else { continue }
      deaths.see(ask, order: lastCommit, at: now)
      // Cards live for 14 days, and a user who is known to be refused needs no call.
      let isOld = ask.wish.kind == .card && now - ask.acceptedAt > 13 * 86_400_000
      if isOld || (ask.wish.people ?? []).contains(where: { $0.hasPrefix("ou_bad") }) { continue }
      let deciding = decidingCall(ask)
      if let deciding { checkReason(ask, deciding, at: now) }
      count(ask, deciding, at: now)
    }
  }

  /// A preview was given up, and an ask by key or URL lists it.
  func diedPart(_ part: AskRecord, at now: Int) {
    deaths.see(partOn: part.wish.channel, order: lastCommit)
    let people = part.wish.people ?? []
    if people.contains(where: { $0.hasPrefix("ou_bad") }) { return }
    // A user who is known to be refused needs no call.
    if !refusedAlone.isDisjoint(with: people) { return }
    // It is listed when the ask by key ends, which may be long after it died.
    let deciding = calls(of: part.wish.key).lazy.filter(\.isSettled).first { $0.result != .success }
    if let deciding { checkReason(part, deciding, at: now) }
    let order = deciding?.answered ?? lastCommit
    count(part, "\(part.wish.key) \(deciding?.settled ?? lastCommit)", order: order, at: now)
  }

  /// The answer after which an ask was given up; nil if no answer explains it.
  private func decidingCall(_ ask: AskRecord) -> CallRecord? {
    let answered = calls(of: ask.wish.key).lazy.filter(\.isSettled)
    guard ask.wish.kind == .card else { return answered.first { _ in true } }
    let elements = Set(ask.wish.elements)
    return answered.first { !elements.isDisjoint(with: $0.called.elements) }
      // If the card does not exist, everything that waits for it dies as well.
      ?? answered.first { $0.isGone }
  }

  private func count(_ ask: AskRecord, _ deciding: CallRecord?, at now: Int) {
    let isDecided = deciding?.settled == lastCommit
    let order = isDecided ? deciding?.answered ?? lastCommit : lastCommit
    let together =
      switch (ask.wish.kind, deciding) {
      case (.preview, _), (.key, _), (.url, _), (_, nil): "\(ask.wish.key) \(lastCommit)"
      case (.card, let call?), (.session, let call?): "call \(call.number)"
      }
    count(ask, together, order: order, at: now)
  }

  private func count(_ ask: AskRecord, _ together: String, order: Int, at now: Int) {
    let count = deaths.note(ask, together, order: order, commit: lastCommit, at: now)
    if count > Deaths.most {
      blame(
        "P8",
        "\(count) have died on \(ask.wish.channel) without a success, the last \(ask.wish.lane)",
        at: now)
    }
  }

  /// The ask must have died of an answer that may cost an attempt, as far as can be known from
  /// outside.
  private func checkReason(_ ask: AskRecord, _ deciding: CallRecord, at now: Int) {
    let key = ask.wish.key
    let channel = ask.wish.channel
    guard refusedAlone.isDisjoint(with: ask.wish.people ?? []), let result = deciding.result,
      let first = firstFailure(of: key)
    else { return }
    let what = "ask \(ask.id) for \(ask.wish.lane) died of \(result)"
    switch result.bearing(on: ask.wish.kind) {
    case .content: break
    case .never: blame("P8", "\(what), which says nothing about it", at: now)
    case .later where !deaths.hasSucceeded(channel, after: first.answered):
      blame("P8", "\(what), and nothing on \(channel) has succeeded since it first failed", at: now)
    case .undocumented
    where !deaths.hasOtherSucceeded(channel, than: key, after: first.answered)
      && !isADay(since: first.answeredAt ?? now, at: now):
      blame("P8", "\(what), which nobody knows, and nothing else has succeeded since", at: now)
    case .later, .undocumented: break
    }
  }

  /// The earliest failed call for a lane since its last success.
  private func firstFailure(of key: String) -> CallRecord? {
    var first: CallRecord?
    for call in calls(of: key) where call.isSettled {
      if call.result == .success { break }
      first = call
    }
    return first
  }

  private func isADay(since moment: Int, at now: Int) -> Bool {
    hasClockTrouble || now - moment + clockSlack_ms >= 86_400_000 - 60_000
  }

  /// After the fifth death one call at a time shows whether the outage is over: after 5 s, 30 s, 2
  /// minutes, then every 10 minutes.
  func checkProbing(_ call: CallRecord, at now: Int) {
    guard let fifth = deaths.channel(call.called.channel).fifth, call.claimed > fifth.order,
      !hasClockTrouble, clockSlack_ms == 0
    else { return }
    let probes = calls.reversed().prefix { $0.claimed > fifth.order }
      .filter { $0.called.channel == call.called.channel }
    if probes.contains(where: { $0.run == call.run && $0.result == nil }) {
      blame("P8", "call \(call.number) goes while another probes \(call.called.channel)", at: now)
    }
    let pauses = [5_000, 30_000, 120_000]
    let heard = probes.count { $0.isSettled }
    let least = pauses.prefix(heard + 1).reduce(0, +) + max(0, heard + 1 - pauses.count) * 600_000
    if now - fifth.at < least * 9 / 10 {
      blame(
        "P8",
        "everything on \(call.called.channel) is refused, and call \(call.number) is number "
          + "\(heard + 1) within \(now - fifth.at) ms", at: now)
    }
  }
}

extension CallRecord {
  /// The card does not exist, or no longer does.
  fileprivate var isGone: Bool {
    if case .refused(let code, _)? = result { code == 200_740 || code == 200_750 } else { false }
  }
}
