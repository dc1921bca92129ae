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

  /// Asks that were open when the call was claimed, and whose part is not done.
  func shownWants(_ call: CallRecord, _ lane: String, at now: Int) -> [ShownWant] {
    shown.compactMap { id, record in
      guard let ask = asks[id] ?? deleted[id], ask.wish.account == call.called.account,
        let taken = record.taken, taken <= call.claimed, let part = record.parts[lane],
        record.listed[lane] ?? .max > call.claimed
      else { return nil }
      let isOpen = record.ended ?? .max > call.claimed && mayGo(ask, at: now)
      guard isOpen || isLeftOver(ask, taken, call),
        let people = left(of: part, call.called.key(lane), taken: taken)
      else { return nil }
      return ShownWant(
        ask: ask, part: part, since: record.since, people: people, isLeftOver: !isOpen)
    }
  }

  /// The parts of an ask that has expired, or was cancelled, go with the last ask by the same key
  /// that waits for them.
  private func isLeftOver(_ ask: AskRecord, _ taken: Int, _ call: CallRecord) -> Bool {
    shown.contains { id, record in
      id != ask.id && (asks[id] ?? deleted[id])?.wish.key == ask.wish.key
        && record.taken.map { $0 >= taken && $0 <= call.claimed } ?? false
        && record.ended ?? .max > call.claimed
    }
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

  /// P7: since when the parts in an account have been due, by lane. A preview is due when its key is
  /// asked for.
  func dueParts(_ call: CallRecord, at now: Int) -> [String: Int] {
    var due: [String: Int] = [:]
    for (id, record) in shown {
      guard let ask = asks[id], ask.wish.account == call.called.account else { continue }
      for lane in record.parts.keys where !shownWants(call, lane, at: now).isEmpty {
        let key = call.called.key(lane)
        due[key] = min(due[key] ?? .max, ask.acceptedAt + ask.wish.after)
      }
    }
    return due
  }
}
