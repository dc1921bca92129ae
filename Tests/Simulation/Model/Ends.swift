/// P2, and everything else that can be judged only at the end.
extension Judge {
  /// Records what the queue says about its asks.
  func look(_ rows: [AskRow], at now: Int) {
    let known = Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0) })
    for (id, ask) in asks {
      guard let row = known[id] else {
        // Ended asks are pruned after seven days.
        let isForgotten = ask.end != nil && now - (ask.endedAt ?? now) > 6 * 86_400_000
        if !isForgotten {
          blame("P2", "ask \(id) for \(ask.wish.lane) is gone from the queue", at: now)
        }
        continue
      }
      if let end = ask.end, end != row.end, end != .dead || row.end != .cancelled {
        let after = row.end?.rawValue ?? "open"
        blame("P2", "ask \(id) was \(end.rawValue) and is \(after) now", at: now)
      }
      if ask.end == nil, row.end != nil {
        asks[id]?.end = row.end
        asks[id]?.reason = row.reason
        asks[id]?.endedAt = now
        if row.end == .delivered, ask.wish.kind == .preview, deliveredAt(ask) == nil {
          blame("P2", "ask \(id) for \(ask.wish.lane) is delivered, and not covered yet", at: now)
        }
      }
    }
  }

  /// The final judgement, after everything has been given time.
  func finish(cards: [String: Feishu.CardState], sessions: [String: [String: String]], at now: Int)
  {
    for ask in asks.values.sorted(by: { $0.id < $1.id }) {
      let what = "ask \(ask.id) for \(ask.wish.lane)"
      switch ask.end {
      case nil:
        if !isHopeless(ask) { blame("P2", "\(what) never ended", at: now) }
      case .delivered: checkDelivered(ask, what, cards, at: now)
      case .dead: if !ask.wish.isByKey { checkDead(ask, what, cards, at: now) }
      case .expired:
        if ask.wish.expiresIn == nil { blame("P2", "\(what) expired, and never could", at: now) }
        if let span = ask.wish.expiresIn, !hasClockTrouble, let endedAt = ask.endedAt,
          endedAt + Self.rounding_ms < ask.acceptedAt + span
        {
          blame("P2", "\(what) expired too early", at: now)
        }
      case .cancelled:
        if cancelled[ask.wish.lane] ?? 0 < ask.accepted {
          blame("P2", "\(what) was cancelled by nobody", at: now)
        }
      }
    }
    checkKinds()
    checkLonely(at: now)
    for (card, state) in cards { checkCard(card, state, at: now) }
    for (session, fields) in sessions { checkSession(session, fields, at: now) }
  }

  /// Moments are stored in whole milliseconds but computed from days in floating point.
  private static let rounding_ms = 1

  /// Delivered means covered by calls that started after the ask was accepted and were answered
  /// with success.
  private func checkDelivered(
    _ ask: AskRecord, _ what: String, _ cards: [String: Feishu.CardState], at now: Int
  ) {
    switch ask.wish.kind {
    case .preview:
      if deliveredAt(ask) == nil {
        blame("P2", "\(what) is delivered, and no calls after it was accepted cover it", at: now)
      }
    case .card:
      let applied = cards[ask.wish.lane]?.applied ?? []
      for element in ask.wish.elements where !applied.contains(element) && !couldNotBeTold(ask) {
        blame("P2", "\(what) is delivered, and the card was never told \(element)", at: now)
      }
    case .session: checkTold(ask, what, at: now)
    // Judged as it ended.
    case .key, .url: break
    }
  }

  /// Each field must have been in a call that was applied, with the value of this ask or of a later
  /// one.
  private func checkTold(_ ask: AskRecord, _ what: String, at now: Int) {
    guard case .session(_, let fields) = ask.wish.what else { return }
    let applied = calls(of: ask.wish.key).filter(\.wasApplied)
    for field in fields.keys {
      let values = asks.values.compactMap { other -> String? in
        guard other.wish.key == ask.wish.key, other.id >= ask.id,
          case .session(_, let fields) = other.wish.what
        else { return nil }
        return fields[field]
      }
      if !applied.contains(where: { call in
        (call.called.fields[field] as? String).map { values.contains($0) } ?? false
      }) {
        blame("P2", "\(what) is delivered, and the session was never told its \(field)", at: now)
      }
    }
  }

  /// Where a refused batch uses up its uuid, the worker may miss the refusal. The answer to the
  /// repeated batch then looks as if the first had been applied.
  private func couldNotBeTold(_ ask: AskRecord) -> Bool {
    setup.server.refusalsCount
      && calls(of: ask.wish.key).contains {
        $0.claimed > ask.accepted && $0.arrivedAt != nil && !$0.wasApplied && $0.isUncertain
      }
  }

  /// When calls had covered the whole ask; nil if they never did.
  func deliveredAt(_ ask: AskRecord) -> Int? {
    if ask.wish.isByKey { return shownDeliveredAt(ask) }
    var missing = Set(ask.wish.people ?? [])
    for call in calls(of: ask.wish.key).reversed() {
      guard call.claimed > ask.accepted, call.result == .success, call.wasApplied else { continue }
      guard let people = call.called.people, ask.wish.kind == .preview else {
        return call.answeredAt
      }
      if ask.wish.people == nil { continue }
      missing.subtract(people)
      if missing.isEmpty { return call.answeredAt }
    }
    return nil
  }

  /// A dead ask must have been in a call that failed, or name a refused user.
  func checkDead(
    _ ask: AskRecord, _ what: String, _ cards: [String: Feishu.CardState], at now: Int
  ) {
    if ask.reason.isEmpty { blame("P2", "\(what) is dead without a reason", at: now) }
    // A user who was refused alone is known as refused, for other lanes too.
    let isRefused = (ask.wish.people ?? []).contains {
      $0.hasPrefix("ou_bad") || refusedAlone.contains($0)
    }
    let hasFailed = calls(of: ask.wish.key).contains {
      $0.claimed > ask.accepted && $0.result != .success
    }
    if !hasFailed, !isRefused, now - ask.acceptedAt < 14 * 86_400_000 {
      blame("P2", "\(what) is dead (\(ask.reason)), and no call for it had failed", at: now)
    }
    checkInnocent(ask, what, at: now)
    let applied = cards[ask.wish.lane]?.applied ?? []
    let isApplied = ask.wish.elements.contains { applied.contains($0) }
    if isApplied, !ask.reason.contains("may have been applied"), ask.retried == nil {
      blame("P2", "\(what) is dead (\(ask.reason)), and the card was told of it", at: now)
    }
  }

  /// P8: an ask does not die because another lane in the call was refused, or of a refusal that is
  /// only temporary.
  private func checkInnocent(_ ask: AskRecord, _ what: String, at now: Int) {
    let people = ask.wish.people ?? []
    guard ask.wish.kind == .preview, ask.wish.lane.hasPrefix("good"), ask.retried == nil,
      !people.contains(where: { $0.hasPrefix("ou_bad") })
    else { return }
    let isKnown = !refusedAlone.isDisjoint(with: people)
    let patient = [99_991_400, 230_020, 99_991_403, 99_991_663, 99_991_672]
    let isItsFault = calls(of: ask.wish.key).contains {
      guard $0.claimed > ask.accepted, case .refused(let code, _)? = $0.result else {
        return $0.claimed > ask.accepted && $0.result == .unknown
      }
      return code == 230_001 ? $0.called.lanes.count == 1 : !patient.contains(code)
    }
    if !isKnown && !isItsFault {
      blame("P8", "\(what) is dead (\(ask.reason)), and nothing was wrong with it", at: now)
    }
  }

  /// P5: each batch is applied once, in the order of the asks.
  private func checkCard(_ card: String, _ state: Feishu.CardState, at now: Int) {
    var seen: Set<String> = []
    for element in state.applied where !seen.insert(element).inserted {
      blame("P5", "\(card) was told \(element) twice", at: now)
    }
    var owners: [String: AskRecord] = [:]
    for ask in asks.values where ask.wish.lane == card {
      for element in ask.wish.elements { owners[element] = ask }
    }
    let cancelledAt = cancelled[card] ?? 0
    for call in calls where call.wasApplied && call.called.lanes == [card] {
      for element in call.called.elements {
        guard let ask = owners[element], ask.end == .cancelled, call.claimed > cancelledAt,
          ask.accepted < cancelledAt, call.called.account == ask.wish.account
        else { continue }
        blame("P3", "\(card) was told \(element) after it had been cancelled", at: now)
      }
    }
    var last = 0
    for element in state.applied {
      guard let ask = owners[element] else {
        blame("P3", "\(card) was told \(element), which nobody asked for", at: now)
        continue
      }
      if ask.retried != nil { continue }
      if ask.id < last { blame("P5", "\(card) was told of ask \(ask.id) after \(last)", at: now) }
      last = max(last, ask.id)
    }
  }

  /// The last write of each field wins.
  private func checkSession(_ session: String, _ fields: [String: String], at now: Int) {
    let writes = asks.values.filter { $0.wish.lane == session }.sorted { $0.id < $1.id }
    for (field, value) in fields where !value.isEmpty {
      let values = writes.compactMap { ask -> (ask: AskRecord, value: String)? in
        guard case .session(_, let fields) = ask.wish.what, let value = fields[field] else {
          return nil
        }
        return (ask, value)
      }
      let last = values.lastIndex { $0.ask.end == .delivered && $0.ask.retried == nil } ?? 0
      let wasRetried = values.contains { $0.ask.retried != nil }
      if !wasRetried, !values[last...].contains(where: { $0.value == value }) {
        blame("P5", "\(field) of \(session) ends as \(value), not its last write", at: now)
      }
    }
  }
}
