/// P7, in histories in which nothing fails. Only there is it clear since when each lane has been
/// due.
extension Judge {
  /// The lane that has been due longest must be in the next call.
  func checkOrder(_ call: CallRecord, _ open: [AskRow], at now: Int) {
    guard setup.isCalm else { return }
    let inCall = Set(call.called.lanes.map { call.called.key($0) })
    var due: [String: Int] = [:]
    for row in open where row.isFolded {
      guard let ask = asks[row.id], ask.wish.account == call.called.account,
        ask.wish.kind == .preview, ask.accepted < call.claimed
      else { continue }
      due[ask.wish.key] = min(due[ask.wish.key] ?? .max, ask.acceptedAt + ask.wish.after)
    }
    due.merge(dueParts(call, at: now), uniquingKeysWith: min)
    checkIdle(
      call, due: inCall.compactMap { key in afterItsWindow(due[key], of: key) }.min(), at: now)
    // A lane has been due since its first ask, even if that ask has expired since.
    for ask in asks.values where inCall.contains(ask.wish.key) {
      let last = callsOfLane[ask.wish.key]?.last.map { calls[$0].left } ?? 0
      guard ask.accepted > last, let known = due[ask.wish.key] else { continue }
      due[ask.wish.key] = min(known, ask.acceptedAt + ask.wish.after)
    }
    for key in due.keys { due[key] = afterItsWindow(due[key], of: key) }
    let opener = inCall.compactMap { due[$0] }.min() ?? .max
    guard let longest = due.filter({ !inCall.contains($0.key) }).min(by: { $0.value < $1.value })
    else { return }
    if longest.value + Self.tolerance < opener {
      blame(
        "P7",
        "\(longest.key) has been due for \(now - longest.value) ms, and call "
          + "\(call.number) goes without it for what has been due for \(now - opener) ms", at: now)
    }
  }

  /// A lane is not due until 5 s after its last answer. Nil while it is in flight, when it can be
  /// in no other call.
  private func afterItsWindow(_ due: Int?, of key: String) -> Int? {
    guard let due, let last = newestCall(of: key) else { return due }
    return last.answeredAt.map { max(due, $0 + 5_005) }
  }

  /// Nothing waits while the worker is idle. `due` is since when anything in the call that has not
  /// expired has been due.
  private func checkIdle(_ call: CallRecord, due: Int?, at now: Int) {
    guard let due else { return }
    let before = calls.last { $0.called.account == call.called.account }?.leftAt ?? 0
    let idle = now - max(before, due, firstRunAt ?? now, fullUntil(call.called, at: now))
    guard idle > 4_000 + 2 * slowestCall_ms else { return }
    blame(
      "P6",
      "call \(call.number) goes for what has been due for \(now - due) ms, and nothing "
        + "went for \(idle) ms", at: now)
  }

  /// Until when earlier calls may have filled the budget. A call may have arrived as late as its
  /// answer.
  private func fullUntil(_ called: Called, at now: Int) -> Int {
    guard let most = account(called.account)?.callsPerSecond else { return 0 }
    let moments = calls.reversed().lazy.filter { $0.called.channel == called.channel }
      .prefix(2 * most).map { $0.answeredAt ?? now }.sorted(by: >)
    return moments.count < most ? 0 : moments[most - 1] + 1_000
  }

  /// If the server has refused nothing, whatever else happened to the machine, everything is
  /// delivered soon after the history ends: no ask waits longer than a slot or a timeout for a
  /// trouble that is over.
  func checkSoon(_ rows: [AskRow], since began: Int, at now: Int) {
    let left = rows.count { $0.end == nil }
    if left > 0 { blame("P6", "\(left) asks wait, and nothing stands in their way", at: now) }
    // The smallest budget is two calls a second, each with the time of its answer, and a large
    // audience takes several calls 5 s apart.
    let refreshes = asks.count + shown.values.reduce(0) { $0 + $1.parts.count }
    let most = 45_000 + 10 * slowestCall_ms + (600 + slowestCall_ms / 2) * refreshes
    if now - began > most { blame("P6", "what waited took \(now - began) ms", at: now) }
  }

  /// Moments are observed with a delay of some milliseconds.
  private static let tolerance = 100

  /// A worker that stays may be waiting for an answer when it is told to stop, and the next one
  /// waits for an access token and an answer. Under cron a run may also have begun too early to see
  /// an ask, with both waits, and the next begins within half a second.
  private var patience: Int { (run <= 2 ? 3 : 5) * slowestCall_ms + 2_000 }

  /// No kind starves another. Cards and sessions have budgets of their own, so an ask for one goes
  /// as soon as the earlier asks of its lane have gone, however many previews wait.
  func checkKinds() {
    guard setup.isCalm else { return }
    for ask in asks.values where ask.end == .delivered && ask.wish.callKind != .preview {
      guard !hasRepeats(ask.wish.key), let done = deliveredAt(ask) else { continue }
      let ahead = asks.values.count {
        $0.wish.key == ask.wish.key && $0.id < ask.id && (deliveredAt($0) ?? .max) > ask.acceptedAt
      }
      let span = done - ask.acceptedAt
      if span > patience + (slowestCall_ms + 200) * ahead {
        blame("P7", "ask \(ask.id) for \(ask.wish.lane) took \(span) ms, \(ahead) ahead", at: done)
      }
    }
  }

  /// A session that is asked for with the same values repeatedly may need no call.
  private func hasRepeats(_ key: String) -> Bool {
    asks.values.contains { ask in
      guard ask.wish.key == key, case .session(_, let fields) = ask.wish.what else { return false }
      return fields["metadata"] == "m0"
    }
  }
}
