/// P2, for asks by key and URL: every preview that had been seen is refreshed, and the ask ends with
/// the last of them.
extension Judge {
  /// An ask by key or URL as the queue shows it.
  struct ShownRow {
    let id: Int
    let isTaken: Bool
    let end: AskRecord.End?
    let reason: String
    /// The previews that were not refreshed.
    let listed: [String]
  }

  /// What the queue shows about asks by key and URL, after a commit of the worker or later. `parts` is
  /// how many rows of the queue are parts.
  func lookAtShown(
    _ rows: [ShownRow], parts: Int, isSure: Bool, isUntroubled: Bool, at now: Int
  ) {
    let known = rows.filter { shown[$0.id] != nil && asks[$0.id] != nil }
    for row in known { take(row, isSure: isSure, at: now) }
    for row in known { list(row, at: now) }
    for row in known { end(row, at: now) }
    guard isSure else { return }
    checkIdleAsks(isUntroubled: isUntroubled, at: now)
    let isOpen = rows.contains { $0.end == nil }
    note(&idleParts, isIdle: parts > 0 && !isOpen && isUntroubled, at: now) {
      blame("P2", "\(parts) parts are left, and no key is asked for", at: now)
    }
  }

  private func take(_ row: ShownRow, isSure: Bool, at now: Int) {
    guard let ask = asks[row.id], var record = shown[row.id], record.taken == nil,
      row.isTaken || row.end == .delivered || row.end == .dead
    else { return }
    let taken = isSure ? lastCommit : order
    record.taken = taken
    record.takenAt = now
    record.parts = parts(of: ask, record, taken: taken, isSure: isSure, at: now)
    record.inherited = inherited(by: ask, taken: taken)
    record.idle = nil
    shown[row.id] = record
    if isSure, record.parts.isEmpty, row.end == nil {
      blame("P2", "\(name(ask)) waits, and nothing was seen with it", at: now)
    }
  }

  private func list(_ row: ShownRow, at now: Int) {
    guard let ask = asks[row.id], let record = shown[row.id], record.taken != nil else { return }
    if Set(row.listed).count != row.listed.count {
      blame("P2", "\(name(ask)) lists a preview twice: \(row.listed)", at: now)
    }
    for token in row.listed where record.listed[token] == nil {
      shown[row.id]?.listed[token] = lastCommit
      guard let wait = waits(of: ask, record).first(where: { $0.token == token }) else {
        blame("P2", "\(name(ask)) lists \(token), which was not seen with it", at: now)
        continue
      }
      // A person who cancels a preview needs no call for it.
      if cancelled[token] ?? 0 > wait.since { continue }
      var died = wait.part.asked(ask, token)
      died.accepted = wait.since
      died.reason = row.reason.isEmpty ? "listed" : row.reason
      diedPart(died, at: now)
      checkDead(died, "\(token) of \(name(ask))", [:], at: now)
    }
  }

  private func end(_ row: ShownRow, at now: Int) {
    guard let ask = asks[row.id], let record = shown[row.id], record.ended == nil,
      let end = row.end
    else { return }
    shown[row.id]?.ended = lastCommit
    let what = "\(name(ask)) is \(end.rawValue)"
    if end == .delivered, !record.listed.isEmpty {
      blame("P2", "\(what), and lists \(record.listed.keys.sorted())", at: now)
    }
    if end == .dead, record.listed.isEmpty || row.reason.isEmpty {
      blame("P2", "\(what) without a reason", at: now)
    }
    guard end == .delivered || end == .dead else { return }
    for (token, part) in record.parts.sorted(by: { $0.key < $1.key })
    where record.listed[token] == nil {
      if let must = part.must, deliveredAt(must) == nil {
        blame("P2", "\(what), and \(token) was not refreshed since", at: now)
      }
    }
  }

  /// How long a worker that runs may take to notice that nothing is left to wait for. It needs no
  /// call and no answer for that, so only the machine can hold it up.
  private var noticing_ms: Int { 2_000 + stalls_ms }

  /// No ask stays open that has nothing to wait for: all its previews are done, or there were none.
  private func checkIdleAsks(isUntroubled: Bool, at now: Int) {
    for (id, record) in shown where record.ended == nil {
      guard let ask = asks[id] else { continue }
      var idle = record.idle
      note(&idle, isIdle: isUntroubled && isIdle(ask, record, at: now), at: now) {
        blame("P2", "\(name(ask)) is open, and there is nothing that it waits for", at: now)
      }
      shown[id]?.idle = idle
    }
  }

  private func isIdle(_ ask: AskRecord, _ record: ShownRecord, at now: Int) -> Bool {
    guard record.taken != nil else {
      if record.retried != nil { return false }
      // It may have been asked for with a clock that was wrong.
      return !hasClockTrouble && now > ask.acceptedAt + ask.wish.after
        && !seen.previews.everMembers(of: ask.wish.key).contains { lane in
          seen.previews.spans(of: ask.wish.key, lane).contains { $0.to ?? .max > record.since }
        }
    }
    return waits(of: ask, record).allSatisfy { wait in
      record.listed[wait.token] != nil
        || wait.part.isExact
          && left(
            of: wait.part, "\(ask.wish.account) preview \(wait.token)", taken: wait.taken) == nil
    }
  }

  private func note(
    _ idle: inout (run: Int, at: Int)?, isIdle: Bool, at now: Int, blame: () -> Void
  ) {
    guard isIdle else { return idle = nil }
    guard let since = idle, since.run == run else { return idle = (run, now) }
    if now - since.at > noticing_ms { blame() }
  }

  private func name(_ ask: AskRecord) -> String {
    "ask \(ask.id) by \(ask.wish.kind.rawValue) \(ask.wish.lane)"
  }

  /// When the last preview of an ask was refreshed; nil if one was not.
  func shownDeliveredAt(_ ask: AskRecord) -> Int? {
    var last: Int?
    for part in shown[ask.id]?.parts.values.map({ $0 }) ?? [] {
      guard let must = part.must else { continue }
      guard let moment = deliveredAt(must) else { return nil }
      last = max(last ?? 0, moment)
    }
    return last
  }
}

extension ShownRecord.Part {
  /// The part, as if the preview had been asked for by itself.
  func asked(_ ask: AskRecord, _ token: String) -> AskRecord {
    let audience = people.isEmpty ? nil : people.sorted()
    let wish = Wish(account: ask.wish.account, what: .preview(token, people: audience))
    var record = ask
    record.wish = wish
    return record
  }
}
