/// Watches from outside what was asked and accepted, what was sent, what arrived, and what was
/// answered. It shares no code with the program and assumes nothing about how it works.
final class Judge {
  let setup: Setup
  private(set) var broken: Broken?
  /// Numbers everything that happens, in one order.
  private(set) var order = 0
  private(set) var lastCommit = 0
  var asks: [Int: AskRecord] = [:]
  /// Asks by key or URL whose rows a program has deleted.
  var deleted: [Int: AskRecord] = [:]
  /// What else is known about asks by key or URL, also about deleted ones.
  var shown: [Int: ShownRecord] = [:]
  var seen = Seen()
  /// Since when there have been parts without an ask by key or URL, and in which run that was
  /// noticed.
  var idleParts: (run: Int, at: Int)?
  /// For how long the history stops the machine, in all.
  var stalls_ms = 0
  var calls: [CallRecord] = []
  var run = 0
  /// When a person last cancelled each lane, in that order.
  var cancelled: [String: Int] = [:]
  var resumed = 0
  /// Users who were refused when alone in a call. The program knows them as refused, for other
  /// lanes too.
  private(set) var refusedAlone: Set<String> = []
  var callsOfLane: [String: [Int]] = [:]
  /// Of each channel's calls, in order.
  var treatments: [String: [Treatment]] = [:]
  /// By channel and urgency: whether the last call may have been opened by one of a key's many previews.
  var mayBeForMany: [String: [Bool: Bool]] = [:]
  /// If it certainly was: the other lanes that waited.
  var passedForMany: [String: [Bool: Set<String>]] = [:]
  var spacing: Spacing
  var deaths = Deaths()
  var foretold = Foretold()
  /// The longest time between any call's leaving and its answer.
  private(set) var slowestCall_ms = 0
  /// The clock was set or came back wrong, so times that depend on it cannot be judged.
  var hasClockTrouble = false
  /// When the clock was last set, or came back wrong.
  var clockSetAt = Int.min / 2
  var configuration: ConfigurationRecord
  var wallClock_ms: () -> Int = { 0 }
  /// How far the clock has come back wrong in all.
  var clockSlack_ms = 0

  init(_ setup: Setup) {
    self.setup = setup
    spacing = Spacing(setup.route)
    configuration = ConfigurationRecord(setup.accounts)
  }

  func blame(_ promise: String, _ what: String, at now: Int) {
    if broken == nil { broken = Broken(promise: promise, what: what, at: now) }
  }

  func next() -> Int {
    order += 1
    return order
  }

  func accepted(_ id: Int, _ wish: Wish, isDoubtful: Bool = false, at now: Int) {
    if asks[id] != nil { blame("P2", "two asks were given the number \(id)", at: now) }
    asks[id] = AskRecord(id: id, wish: wish, accepted: next(), acceptedAt: now)
    asks[id]?.isDoubtful = isDoubtful
    if wish.isByKey { shown[id] = ShownRecord(since: order) }
    noteAsked(wish.account)
  }

  var firstRunAt: Int?
  /// The last folded ask at each commit, for histories in which hundreds of asks arrive at once.
  private var foldedAsks: [Int: Int] = [:]

  func runBegan(at now: Int) {
    run += 1
    firstRunAt = firstRunAt ?? now
  }

  /// The worker has committed claims and the results it has received. A success that ends very many
  /// asks is recorded in several parts, and its lanes stay in flight until the last. True if such a
  /// success is still being recorded.
  func committed(inFlight: () -> Set<String>, foldedAsk: () -> Int, at now: Int) -> Bool {
    lastCommit = next()
    if setup.theme == .crowded { foldedAsks[lastCommit] = foldedAsk() }
    var hasPart = false
    for index in calls.indices.reversed() {
      let call = calls[index]
      if call.run != run { break }
      if call.result == nil || call.isSettled { continue }
      let keys = call.called.lanes.map(call.called.key)
      if call.result == .success, !inFlight().isDisjoint(with: keys) {
        hasPart = true
        continue
      }
      calls[index].settled = lastCommit
    }
    return hasPart
  }

  /// A call is handed to the network. `rows` are the queue's asks at that moment, nil if it cannot
  /// be read; `parcels` are the batches on disk for the card that the call goes to.
  func left(
    _ called: Called, claimed: Int, rows: [AskRow]?, parcels: [String]?, at now: Int
  ) -> Int {
    let number = calls.count
    var call = CallRecord(
      number: number, called: called, run: run, claimed: claimed, left: next(), leftAt: now)
    if configuration.hasQuotas { call.month = month(of: call, at: now) }
    checkConfigured(call, at: now)
    checkPatience(call, at: now)
    if called.api != .auth {
      checkForetold(call, at: now)
      checkProbing(call, at: now)
      checkShape(call, at: now)
      checkAlone(call, at: now)
      if let rows { checkAgainst(rows, call, at: now) }
      if let parcels, !parcels.contains(called.body) {
        blame("P5", "call \(number) for \(called.lanes[0]) is not on disk as it leaves", at: now)
      }
      for lane in called.lanes { callsOfLane[called.key(lane), default: []].append(number) }
    }
    calls.append(call)
    return number
  }

  private func checkAgainst(_ rows: [AskRow], _ call: CallRecord, at now: Int) {
    look(rows, at: now)
    for row in rows {
      guard let ask = asks[row.id], ask.folded == nil else { continue }
      guard row.isFolded else {
        asks[row.id]?.unfolded = call.left
        continue
      }
      // The call carries nothing that came after the claim, and perhaps nothing that was held until
      // then.
      let isCarried =
        ask.accepted < call.claimed && ask.wish.after == 0
        && row.id <= foldedAsks[call.claimed] ?? .max
      asks[row.id]?.folded = isCarried ? max(ask.accepted, ask.unfolded) : lastCommit
    }
    let open = rows.filter { $0.end == nil }
    switch call.called.api {
    case .preview:
      checkWanted(call, open, at: now)
      checkWhole(call, open, at: now)
      checkOrder(call, open, at: now)
    case .card: checkRepeated(call, open, at: now)
    case .session, .auth: break
    }
  }

  func arrived(_ number: Int, isApplied: Bool, at moment: Int) {
    calls[number].arrivedAt = moment
    calls[number].wasApplied = isApplied
    let call = calls[number]
    if call.called.api == .auth { return }
    if isApplied { checkQuota(call, at: moment) }
    if let what = spacing.arrived(call, limits: limits(of: call), at: moment) {
      blame(what.promise, what.what, at: moment)
    }
  }

  func lost(_ number: Int) { calls[number].isLost = true }

  /// The worker has received the result of a call.
  func answered(_ number: Int, _ result: CallRecord.Result, at now: Int) {
    calls[number].result = result
    calls[number].answered = next()
    calls[number].answeredAt = now
    if result != .success { noteFailed(calls[number].called.account) }
    slowestCall_ms = max(slowestCall_ms, now - calls[number].leftAt)
    if result.isProof, calls[number].called.api != .auth { deaths.succeeded(calls[number]) }
    if result == .refused(code: 230_001, wait_ms: 0), let people = calls[number].called.people,
      people.count == 1
    {
      refusedAlone.formUnion(people)
    }
    noteRefusedToken(calls[number])
  }

  func cancelled(lane: String) {
    cancelled[lane] = next()
    endedShown(lane)
    deaths.forget(at: order)
  }

  func resume() {
    resumed = next()
    deaths.forget(at: resumed)
  }

  /// A person requeues dead asks.
  func retried(_ ids: [Int]) {
    let moment = next()
    deaths.forget(at: moment)
    for id in ids {
      deaths.seen.remove(id)
      asks[id]?.retried = moment
      asks[id]?.end = nil
      asks[id]?.folded = nil
      retriedShown(id, at: moment)
    }
  }

  func account(_ name: String) -> Setup.Account? { setup.accounts.first { $0.name == name } }

  private func limits(of call: CallRecord) -> Spacing.Limits {
    Spacing.Limits(previewsPerSecond: account(of: call)?.callsPerSecond ?? 0)
  }

  func newestCall(of key: String) -> CallRecord? { callsOfLane[key]?.last.map { calls[$0] } }

  /// The calls that carried a lane, newest first.
  func calls(of key: String) -> some Sequence<CallRecord> {
    (callsOfLane[key] ?? []).reversed().lazy.map { self.calls[$0] }
  }
}

extension Called {
  /// Identifies a lane among those of all accounts and kinds.
  func key(_ lane: String) -> String { "\(account) \(api.rawValue) \(lane)" }
}

extension Wish {
  var key: String { "\(account) \(kind.rawValue) \(lane)" }

  /// Nil for everyone, and for kinds without an audience.
  var people: [String]? {
    if case .preview(_, let people) = what { people } else { nil }
  }

  var elements: [String] {
    if case .card(_, let elements, _, _) = what { elements } else { [] }
  }
}
