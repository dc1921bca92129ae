/// What asks by key and URL still want from a lane, for the promises that are judged as a call
/// leaves.
extension Judge {
  struct ShownWant {
    let ask: AskRecord
    let part: ShownRecord.Part
    /// Since when its part waits: since the ask was accepted, or retried.
    let since: Int
    /// Whom it may still have to reach, by the results that the worker has recorded.
    let people: Set<String>
    /// The ask itself has ended, and another still waits for its part.
    let isLeftOver: Bool
  }

  /// Asks that were open when the call was claimed, and wait for a part that is not done.
  func shownWants(_ call: CallRecord, _ lane: String, at now: Int) -> [ShownWant] {
    let key = call.called.key(lane)
    return shown.flatMap { id, record -> [ShownWant] in
      guard let ask = asks[id] ?? deleted[id], ask.wish.account == call.called.account,
        record.taken ?? .max <= call.claimed, record.ended ?? .max > call.claimed,
        record.listed[lane] ?? .max > call.claimed, mayGo(ask, at: now)
      else { return [] }
      return waits(of: ask, record).filter { $0.token == lane }.compactMap { wait in
        guard let people = left(of: wait.part, key, taken: wait.taken) else { return nil }
        return ShownWant(
          ask: ask, part: wait.part, since: wait.since, people: people,
          isLeftOver: wait.owner != id)
      }
    }
  }

  /// All that an ask waits for.
  func waits(of ask: AskRecord, _ record: ShownRecord) -> [ShownRecord.Wait] {
    guard let taken = record.taken else { return [] }
    let own = record.parts.map { token, part in
      ShownRecord.Wait(owner: ask.id, token: token, part: part, since: record.since, taken: taken)
    }
    return own + record.inherited
  }

  /// What earlier asks by the same key, for the same users, still wait for.
  func inherited(by ask: AskRecord, taken: Int) -> [ShownRecord.Wait] {
    // Many of them wait for the same part, and the next ask would inherit each of these.
    var known: Set<[String]> = []
    let all = shown.flatMap { id, record -> [ShownRecord.Wait] in
      guard id != ask.id, let other = asks[id] ?? deleted[id], other.wish.key == ask.wish.key,
        other.wish.reach == ask.wish.reach, record.ended ?? .max >= taken
      else { return [] }
      return waits(of: other, record).filter { wait in
        record.listed[wait.token] ?? .max >= taken
          && left(of: wait.part, "\(ask.wish.account) preview \(wait.token)", taken: wait.taken)
            != nil
      }
    }
    return all.filter { known.insert(["\($0.owner)", "\($0.taken)", $0.token]).inserted }
  }

  /// Nil once the part is done. A call that was claimed when an ask was taken up carries it.
  func left(of part: ShownRecord.Part, _ key: String, taken: Int) -> Set<String>? {
    var people = part.people
    for call in calls(of: key) {
      if call.claimed < taken { break }
      guard call.result == .success, call.isSettled else { continue }
      guard let reached = call.called.people else { return nil }
      people.subtract(reached)
    }
    return people.isEmpty && !part.mayBeForEveryone ? nil : people
  }
}
