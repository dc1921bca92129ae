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
  }

  /// Asks that were open when the call was claimed, and whose part is not done.
  func shownWants(_ call: CallRecord, _ lane: String) -> [ShownWant] {
    shown.compactMap { id, record in
      guard let ask = asks[id] ?? deleted[id], let taken = record.taken, taken <= call.claimed,
        record.ended ?? .max > call.claimed, ask.wish.account == call.called.account,
        let part = record.parts[lane], record.listed[lane] ?? .max > call.claimed,
        let people = left(of: part, call.called.key(lane), taken: taken)
      else { return nil }
      return ShownWant(ask: ask, part: part, since: record.since, people: people)
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
}
