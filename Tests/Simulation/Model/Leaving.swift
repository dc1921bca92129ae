/// The promises that can be judged when a call leaves.
extension Judge {
  /// P4, and the part of P3 that shows in the call alone.
  func checkShape(_ call: CallRecord, at now: Int) {
    let called = call.called
    let what = "call \(call.number)"
    if called.api != .preview { return }
    if called.lanes.isEmpty || called.lanes.count > 10 {
      blame("P4", "\(what) has \(called.lanes.count) tokens", at: now)
    }
    if Set(called.lanes).count != called.lanes.count {
      blame("P4", "\(what) has a token twice", at: now)
    }
    guard let people = called.people else {
      if called.fields["open_ids"] != nil { blame("P3", "\(what): open_ids is no list", at: now) }
      return
    }
    if people.isEmpty { blame("P3", "\(what) names nobody", at: now) }
    if people.count > 100 { blame("P4", "\(what) has \(people.count) open_ids", at: now) }
    if Set(people).count != people.count { blame("P4", "\(what) names somebody twice", at: now) }
  }

  /// P5: no other call for the lane is in flight. A call left behind by a killed worker is harmless
  /// if the server recognises it; a session's call must be waited for until it can no longer
  /// arrive.
  func checkAlone(_ call: CallRecord, at now: Int) {
    for lane in call.called.lanes {
      for other in calls(of: call.called.key(lane)) {
        if other.run == call.run && other.result == nil {
          blame("P5", "\(lane) is in calls \(other.number) and \(call.number) at once", at: now)
        }
        if call.called.api == .session, other.arrivedAt == nil, !other.isLost {
          blame("P5", "call \(other.number) for \(lane) may still arrive", at: now)
        }
      }
    }
  }

  /// P3: every pair was asked for, and the worker has not recorded it as delivered.
  func checkWanted(_ call: CallRecord, _ open: [AskRow], at now: Int) {
    let called = call.called
    var extra = 0
    for lane in called.lanes {
      let key = called.key(lane)
      let asks = open.compactMap { self.asks[$0.id] }.filter {
        $0.wish.key == key && mayGo($0, at: now)
      }
      let shown = shownWants(call, lane, at: now)
      if asks.isEmpty, shown.isEmpty {
        return blame("P3", "\(lane) is sent in call \(call.number), and nobody wants it", at: now)
      }
      let wantEveryone =
        asks.contains { $0.wish.people == nil } || shown.contains { $0.part.mayBeForEveryone }
      guard let people = called.people else {
        if !wantEveryone { blame("P3", "everyone pulls \(lane), whom nobody asked for", at: now) }
        continue
      }
      if wantEveryone { continue }
      var wanted: Set<String> = []
      for ask in asks { wanted.formUnion(left(of: ask, key)) }
      for want in shown { wanted.formUnion(want.people) }
      extra += people.count { !wanted.contains($0) }
      if account(of: call)?.extraPairsMax == nil, extra > 0 {
        let who = people.first { !wanted.contains($0) } ?? ""
        return blame("P3", "nobody wants \(lane) shown to \(who) (call \(call.number))", at: now)
      }
    }
    if extra > account(of: call)?.extraPairsMax ?? 0 {
      blame("P3", "call \(call.number) has \(extra) pairs that nobody wants", at: now)
    }
  }

  /// Not held, and not expired for longer than a request may take to leave.
  func mayGo(_ ask: AskRecord, at now: Int) -> Bool {
    if hasClockTrouble || ask.isDoubtful || ask.retried != nil { return true }
    if now + clockSlack_ms + 1 < ask.acceptedAt + ask.wish.after { return false }
    guard let span = ask.wish.expiresIn else { return true }
    return now <= ask.acceptedAt + span + 2_100 + clockSlack_ms
  }

  /// The users that an ask still has to reach, according to the results that the worker has
  /// recorded.
  private func left(of ask: AskRecord, _ key: String) -> Set<String> {
    var left = Set(ask.wish.people ?? [])
    for call in calls(of: key) {
      if call.claimed < ask.folded ?? .max { break }
      if call.result == .success, call.isSettled { left.subtract(call.called.people ?? []) }
    }
    return left
  }

  /// P6: asks that come while a lane waits merge into one call. Checked if every lane in the call
  /// goes for the first time since it was asked for: one of them opened the call, which then
  /// carries everything that lane wants.
  func checkWhole(_ call: CallRecord, _ open: [AskRow], at now: Int) {
    guard account(of: call)?.extraPairsMax == nil, !isProbe(call) else { return }
    var seen: [String] = []
    for lane in call.called.lanes {
      let key = call.called.key(lane)
      let folded = open.filter(\.isFolded).compactMap { asks[$0.id] }.filter {
        $0.wish.key == key && $0.accepted < call.claimed
      }
      let shown = shownWants(call, lane, at: now)
      let oldest = (folded.map(\.accepted) + shown.map(\.since)).min() ?? 0
      // After a refusal a lane goes in parts.
      let before = newestCall(of: key)
      let last = before.map { $0.result == .success ? $0.left : .max } ?? -1
      let wanted = Set(folded.flatMap { $0.wish.people ?? [] }).union(shown.flatMap(\.people))
      if last > oldest || wanted.count > 100 || !wanted.isDisjoint(with: refusedAlone)
        || wanted.contains(where: { $0.hasPrefix("ou_bad") })
        || folded.contains(where: { $0.retried != nil || $0.wish.after > 0 })
        || shown.contains(where: { !$0.part.isExact || $0.isLeftOver || $0.ask.wish.after > 0 })
      {
        return
      }
      let isEveryone =
        folded.contains { $0.wish.people == nil } || shown.contains { $0.part.mayBeForEveryone }
      if isEveryone ? call.called.people == nil : call.called.people.map(Set.init) == wanted {
        return
      }
      seen.append("\(lane) wants \(isEveryone ? "everyone" : "\(wanted.count) people")")
    }
    let what = seen.joined(separator: ", ")
    blame("P6", "call \(call.number) is all that none of its lanes wants: \(what)", at: now)
  }

  /// The channel's last answer is a refusal, and the call goes to one user: that is enough to find
  /// out whether the refusals are over.
  private func isProbe(_ call: CallRecord) -> Bool {
    let last = calls.last { $0.called.channel == call.called.channel && $0.isSettled }
    if case .refused? = last?.result { return call.called.people?.count == 1 }
    return false
  }

  /// P5: while the outcome of a batch is unknown, it is repeated unchanged.
  func checkRepeated(_ call: CallRecord, _ open: [AskRow], at now: Int) {
    let lane = call.called.lanes[0]
    guard let before = newestCall(of: call.called.key(lane)),
      before.isUncertain, cancelled[lane] ?? 0 < before.left,
      call.called.body != before.called.body
    else { return }
    let carried = Set(before.called.elements)
    let isWanted = open.contains { row in
      asks[row.id].map { !carried.isDisjoint(with: $0.wish.elements) && $0.retried == nil } ?? false
    }
    if isWanted {
      blame(
        "P5",
        "nobody knows what became of call \(before.number) for \(lane), and call "
          + "\(call.number) is another", at: now)
    }
  }
}

extension CallRecord {
  /// It may have been carried out, according to what the worker has recorded.
  var isUncertain: Bool { !isSettled || result == .unknown }
}
