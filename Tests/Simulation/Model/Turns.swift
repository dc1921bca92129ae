/// P7, in histories in which nothing fails. Only there is it clear since when each lane has been
/// due.
extension Judge {
  /// What a lane may claim when a call leaves. Nobody outside knows a turn exactly, so there is the
  /// earliest and the latest.
  private struct Claim {
    /// When it became due.
    var ready: Int
    var turn: ClosedRange<Int>
    var isUrgent: Bool
    /// Whether it may wait as one of a key's many previews, and whether it may wait like any other lane.
    /// It is known which, unless the previews were first seen together.
    var mayBeOfMany = false
    var mayBeAnyOther = true

    mutating func join(_ other: Claim) {
      mayBeOfMany = mayBeOfMany && other.mayBeOfMany
      mayBeAnyOther = mayBeAnyOther || other.mayBeAnyOther
      ready = min(ready, other.ready)
      turn =
        min(turn.lowerBound, other.turn.lowerBound)...min(turn.upperBound, other.turn.upperBound)
      isUrgent = isUrgent || other.isUrgent
    }

    mutating func wait(until moment: Int) {
      ready = max(ready, moment)
      turn = max(turn.lowerBound, moment)...max(turn.upperBound, moment)
    }
  }

  /// How a call treated the lanes of a channel.
  struct Treatment {
    /// A lane that was not in the call should have opened it, if it was the turn of its kind.
    var skipsUrgent: Bool
    var skipsOthers: Bool
  }

  /// The first lane in turn must be in the next call. Urgent ones come first, but while others wait
  /// they open at most four of five calls, or every other one where fewer than five go in a second.
  func checkOrder(_ call: CallRecord, _ open: [AskRow], at now: Int) {
    guard setup.isCalm, call.called.api == .preview else { return }
    let inCall = Set(call.called.lanes.map { call.called.key($0) })
    let claims = claims(call, open, inCall, at: now)
    checkIdle(call, due: inCall.compactMap { claims[$0]?.ready }.min(), at: now)
    let carried = claims.filter { inCall.contains($0.key) }
    let waiting = claims.filter {
      !inCall.contains($0.key) && $0.value.ready + Self.tolerance < now
    }
    func skipped(_ isUrgent: Bool) -> String? {
      let carried = carried.values.filter { $0.isUrgent == isUrgent }
      let first = carried.map(\.turn.lowerBound).min()
      // After a call for a key it is the turn of others, even if the key's turn is earlier.
      let isOthersTurn =
        mayBeForMany[call.called.channel]?[isUrgent] ?? false
        && carried.contains(where: \.mayBeAnyOther)
      return waiting.first {
        $0.value.isUrgent == isUrgent && !(isOthersTurn && $0.value.mayBeOfMany)
          && $0.value.turn.upperBound + Self.tolerance < first ?? .max
      }?.key
    }
    defer { noteMany(call, Array(carried.values), waiting) }
    checkMany(call, Array(carried.values), waiting, at: now)
    let (urgent, other) = (skipped(true), skipped(false))
    let before = treatments[call.called.channel, default: []].suffix(urgentInARow(call))
    treatments[call.called.channel, default: []].append(
      Treatment(skipsUrgent: urgent != nil, skipsOthers: other != nil))
    let has = (
      urgent: carried.values.contains(where: \.isUrgent),
      others: carried.values.contains { !$0.isUrgent }
    )
    let isWhole = before.count == urgentInARow(call)
    switch (urgent, other) {
    case (nil, nil): return
    case (let urgent?, let other?):
      blame("P7", "call \(call.number) goes without \(urgent) and without \(other)", at: now)
    case (let lane?, nil):
      // It is the turn of the others only after that many urgent calls.
      if !has.others || !isWhole || before.contains(where: \.skipsUrgent) {
        blame("P7", "call \(call.number) goes without \(lane), which is urgent", at: now)
      }
    case (nil, let lane?):
      if !has.urgent || isWhole && before.allSatisfy(\.skipsOthers) {
        blame("P7", "call \(call.number) goes without \(lane), whose turn it is", at: now)
      }
    }
  }

  /// While lanes wait that are not previews of a key, previews of keys do not open two calls in a row.
  private func checkMany(
    _ call: CallRecord, _ carried: [Claim], _ waiting: [String: Claim], at now: Int
  ) {
    guard let isUrgent = isForManyOnly(carried),
      let before = passedForMany[call.called.channel]?[isUrgent]
    else { return }
    if let lane = before.first(where: { waiting[$0]?.isUrgent == isUrgent }) {
      blame("P7", "call \(call.number) is the second in a row for keys without \(lane)", at: now)
    }
  }

  private func noteMany(
    _ call: CallRecord, _ carried: [Claim], _ waiting: [String: Claim]
  ) {
    let channel = call.called.channel
    for isUrgent in [true, false] {
      let own = carried.filter { $0.isUrgent == isUrgent }
      if own.isEmpty { continue }
      // In a call with both, either may have opened it and the other filled it up. What only fills up
      // changes nothing about whose turn it is.
      let mayBeAsBefore =
        own.count < carried.count && mayBeForMany[channel]?[isUrgent] ?? false
      mayBeForMany[channel, default: [:]][isUrgent] =
        mayBeAsBefore || own.contains(where: \.mayBeOfMany)
      passedForMany[channel, default: [:]][isUrgent] =
        isForManyOnly(carried) != isUrgent
        ? nil
        : Set(waiting.filter { $0.value.isUrgent == isUrgent && !$0.value.mayBeOfMany }.keys)
    }
  }

  /// Nil if others are in the call too. Otherwise whether its lanes are urgent.
  private func isForManyOnly(_ carried: [Claim]) -> Bool? {
    guard let first = carried.first,
      carried.allSatisfy({ $0.isUrgent == first.isUrgent && !$0.mayBeAnyOther })
    else { return nil }
    return first.isUrgent
  }

  private func urgentInARow(_ call: CallRecord) -> Int {
    account(call.called.account)?.callsPerSecond ?? 5 < 5 ? 1 : 4
  }

  private func claims(
    _ call: CallRecord, _ open: [AskRow], _ inCall: Set<String>, at now: Int
  ) -> [String: Claim] {
    var claims: [String: Claim] = [:]
    for row in open where row.isFolded {
      guard let ask = asks[row.id], ask.wish.account == call.called.account,
        ask.wish.kind == .preview, ask.accepted < call.claimed
      else { continue }
      let due = ask.acceptedAt + ask.wish.after
      let claim = Claim(ready: due, turn: due...due, isUrgent: ask.wish.isUrgent)
      claims[ask.wish.key, default: claim].join(claim)
    }
    for (key, claim) in claimsOfKeys(call, at: now) { claims[key, default: claim].join(claim) }
    // A lane has been due since its first ask, even if that ask has expired since.
    for ask in asks.values where inCall.contains(ask.wish.key) {
      let last = callsOfLane[ask.wish.key]?.last.map { calls[$0].left } ?? 0
      guard ask.accepted > last, let known = claims[ask.wish.key] else { continue }
      let due = ask.acceptedAt + ask.wish.after
      claims[ask.wish.key]?.join(Claim(ready: due, turn: due...due, isUrgent: known.isUrgent))
    }
    // A lane is not due until 5 s after its last answer. While it is in flight, it can be in no
    // other call.
    for key in claims.keys {
      guard let last = newestCall(of: key) else { continue }
      guard let answered = last.answeredAt else {
        claims[key] = nil
        continue
      }
      claims[key]?.wait(until: answered + 5_005)
    }
    return claims
  }

  /// The previews of a key are due when it is asked for, and their turns come ten at a time, the
  /// newest first, as if the key had half of the calls.
  private func claimsOfKeys(_ call: CallRecord, at now: Int) -> [String: Claim] {
    let between = 2_000 / max(1, account(call.called.account)?.callsPerSecond ?? 5)
    var claims: [String: Claim] = [:]
    for (id, record) in shown {
      guard let ask = asks[id], ask.wish.account == call.called.account else { continue }
      let due = ask.acceptedAt + ask.wish.after
      let ages = record.parts.keys.map { seen.firstSeen(call.called.key($0)) }
      for lane in record.parts.keys
      where shownWants(call, lane, at: now).contains(where: { $0.ask.id == id && !$0.isLeftOver }) {
        let key = call.called.key(lane)
        let age = seen.firstSeen(key)
        let places = ages.count { $0 > age }...(ages.count { $0 >= age })
        // Previews with viewers of their own take a call each.
        let calls = ask.wish.reach == .viewers ? places.upperBound : places.upperBound / 10
        let claim = Claim(
          ready: due,
          turn: (due + places.lowerBound / 10 * between)...(max(due, record.takenAt ?? due)
            + calls * (between + 2)), isUrgent: ask.wish.isUrgent,
          mayBeOfMany: places.upperBound >= (ask.wish.reach == .viewers ? 1 : 10),
          mayBeAnyOther: ask.wish.reach == .viewers || places.lowerBound < 10)
        claims[key, default: claim].join(claim)
      }
    }
    return claims
  }
}
