import Larkspur
import Planning

/// The one loop: settle what has been answered, fold what has been asked, claim what may go, write all of it
/// down in one transaction, send, wait. Besides it only `larkspur cancel` writes lanes.
package final class Worker {
  let store: WorkerStore
  let world: any World
  let mode: WorkMode
  /// How long after its start a call can still be carried out.
  let callTimeout: Span
  let lookUpSecret: (SecretSource) -> Result<String, SecretProblem>
  let report: (WorkEvent) -> Void

  /// Called about once a second for as long as the run lasts, for a person who watches.
  package var onTick: (() -> Void)?
  /// Told how the worker is doing, once a second at most unless something has changed.
  package var onBeat: ((Heartbeat.Look) -> Void)?

  /// Called before each turn. Returns the accounts if the configuration has changed, and nil if it has not or
  /// cannot be used. `isAsked` when a person has asked for a reload.
  package var readConfiguration: ((_ isAsked: Bool) -> [AccountSettings]?)?

  /// Not a part of `state`: what it has learnt stays known when a turn fails.
  private(set) var redaction: Redaction
  var state = LoopState()
  /// Those that the configuration knows.
  var accounts = Table<Int, AccountState>()
  /// Calls that are on disk and not settled.
  var calls = Table<Int, UnderWay>()
  /// When to look at which account.
  var timers = Timers<Int>()
  /// Accounts of which lanes wait.
  var waiting: Set<Int> = []
  private(set) var finished: [FinishedCall] = []
  /// Answers that are being written down over several turns, by call.
  var ahead: [Int: SettlingAhead] = [:]
  private var rate = CallRate()
  private var lead = LeadTime()
  var beats = BeatState()
  var storeFailures = 0
  /// How often damaged rows were repaired since a turn last succeeded.
  var repairs = 0
  private var nextCount: Moment = .zero
  /// The accounts as last read from the configuration.
  var settings: [AccountSettings]
  var reloadsSeen = 0
  private(set) var isStarted = false
  private(set) var started: Moment = .zero
  /// Of the time that the run was given, what is left once the queue has been read.
  private(set) var limit: Span?
  private(set) var newestAskAtStart = 0

  package init(
    store: WorkerStore, world: any World, accounts: [AccountSettings], mode: WorkMode,
    callTimeout: Span, redaction: Redaction = Redaction(),
    readSecret: @escaping (SecretSource) -> Result<String, SecretProblem>,
    report: @escaping (WorkEvent) -> Void
  ) {
    self.store = store
    self.world = world
    self.mode = mode
    limit = mode.limit
    self.callTimeout = callTimeout
    self.redaction = redaction
    lookUpSecret = readSecret
    self.report = report
    self.settings = accounts
  }

  /// Finds the queue as earlier runs have left it. Another program may hold it just now.
  private func start() throws(StoreError) {
    let missing = settings.map(missingSecrets(of:))
    let clocks = world.clocks()
    state = LoopState()
    accounts = Table()
    timers = Timers()
    waiting = []
    _ = try store.transaction { () throws(StoreError) in try store.repairNumbers() }
    let charged = try store.isOtherClock(clocks) ? store.chargedLanes() : []
    try store.transaction { () throws(StoreError) in
      try store.setClock(clocks, charged: charged)
      started = now()
      let now = started
      state.month = shownMonth(at: now)
      try store.repairBudgets(at: now)
      while try !store.repairAccounts(at: now) {}
      let lost = try store.recover(at: now)
      if lost > 0 { state.events.append(.recovered(calls: lost)) }
      for (settings, missing) in zip(settings, missing) {
        try openAccount(settings, missing, at: now)
      }
      newestAskAtStart = try store.newestAsk()
      state.foldedAsk = try store.foldedAsk()
      state.seenControl = try store.control()
      state.upkeep = Upkeep(lastDone: min(try store.lastPruned(), now))
      state.strays = StrayUpkeep(wholeNext: state.upkeep.next)
      for channel in try store.channels() { try openChannel(channel, at: now) }
      // The configuration may name another quota than it did in the last run, or none.
      for id in accounts.keys where !accounts[id].channels.isEmpty {
        accounts[id].showQuota(state.month, at: now)
        try saveBudgets(of: id, at: now)
      }
      try noteConfigured()
    }
    isStarted = true
    state.areLanesCounted = false
    store.tellOthers()
    tell()
  }

  /// Counting a million lanes takes a while, in which others may write, and is not done for each of many
  /// things that a person does.
  private func countLanes() throws(StoreError) {
    if state.areLanesCounted || (now() < nextCount && !isOver) { return }
    state.result.progress.lanesLeft = try store.waitingLanes() + lanesInFlight
    state.areLanesCounted = true
    nextCount = now() + .seconds(1)
  }

  /// How things stand, for progress.
  package var progress: WorkProgress {
    var progress = state.result.progress
    progress.callsPerSecond = rate.perSecond(at: now())
    return progress
  }

  /// The same with what may not go yet. It is counted in the queue, which is for a person who looks and
  /// not for every turn.
  package var progressWithDelayed: WorkProgress {
    var progress = progress
    let now = now()
    progress.asksDelayed = (try? store.delayedAsks(at: now)) ?? 0
    if progress.asksDelayed > 0 {
      progress.nextDelayed = state.nextHeld.map { max(0, $0 - now) }
    }
    return progress
  }

  func now() -> Moment { store.clocks.queue(world.clocks().sinceBoot) }

  /// Works until the mode's goal is reached or a person ends it.
  package func run() throws(StoreError) -> WorkResult {
    // Until the queue has been read: a lock must not keep a run beyond its time.
    started = now()
    let begin = world.clocks().sinceBoot
    while true {
      lookAtConfiguration()
      do throws(StoreError) {
        if try !findsItsFiles() { break }
        if !isStarted {
          try start()
          limit = mode.limit.map { max(0, $0 - (world.clocks().sinceBoot - begin)) }
        }
        if try hasWork(at: now()) {
          try turn()
          repairs = 0
        }
        try countLanes()
        if storeFailures > 0 { report(.storeMended) }
        storeFailures = 0
        beats.storeTrouble = nil
        beat()
        if isOver { break }
        // It may take a while, so only when nothing is about to go.
        if !hasUnsettledCalls && waitSpan(at: now()) > Self.trimSpan { try store.trimLog() }
        world.forgetWrites()
        // Asked after forgetting: what happens from here on ends the wait.
        if !store.isInPlace || !store.hasItsFiles { continue }
        if try store.dataVersion() != state.seenVersion { continue }
      } catch {
        let error = store.told(error)
        if try repairRows(after: error) { continue }
        try standBy(error)
        // Asked to end, with nothing to write down: there is nothing to wait for, but for what only a
        // removed file holds.
        if world.stopRequests > 0 && !hasUnsettledCalls && error.kind != .filesRemoved { break }
        continue
      }
      onTick?()
      let span = finished.isEmpty ? waitSpan(at: now()) : 0
      take(world.wait(milliseconds: onTick == nil ? span : min(span, 1_000)))
    }
    noteWhatIsLeft()
    state.result.progress = progress
    return state.result
  }

  /// One pass. Nothing in it grows with the number of lanes that wait.
  private func turn() throws(StoreError) {
    let clocks = world.clocks()
    let now = store.clocks.queue(clocks.sinceBoot)
    let before = state
    accounts.commit()
    calls.commit()
    var settled: Set<Int> = []
    var departures: [Departure] = []
    let changes = nextChanges()
    do throws(StoreError) {
      store.isLookingForUnused = state.upkeep.isLookingForUnused
      try store.transaction { () throws(StoreError) in
        try store.keepTime(clocks)
        settled = try settleAnswered(since: now)
        try take(changes, at: now)
        try hear(at: now, hasSettled: !settled.isEmpty)
        try keepUp(at: now)
        try refreshStaleChannels()
        if !isStopping { departures = try act(at: now) }
      }
    } catch {
      state = before
      accounts.rollBack()
      calls.rollBack()
      // What was done of them last has been rolled back: they are gone through once more.
      ahead = [:]
      throw error
    }
    finished.removeAll { settled.contains($0.id) }
    noteStrays()
    lead.note(turn: self.now() - now)
    for departure in departures { send(departure, claimed: now) }
    tell()
  }

  /// Looks at the accounts of which something is due.
  private func act(at now: Moment) throws(StoreError) -> [Departure] {
    refreshTimers(at: now)
    var departures: [Departure] = []
    for id in timers.due(at: now).sorted() {
      try lookForSecrets(of: id, at: now)
      if isExpiring(at: now) { continue }
      try lookForNewUserToken(of: id, at: now)
      if let departure = try fetchToken(for: id, at: now) { departures.append(departure) }
    }
    if !isExpiring(at: now) { departures += try claim(at: now) }
    return departures
  }

  /// Some milliseconds of work, so that where very much is going on calls do not wait for long
  /// before they leave, and others get to write.
  private static let answersPerTurn = 25
  private static let settlingPerTurn: Span = 20

  /// Writes down what has been answered, as far as there is time; answers which calls are done. One that ends
  /// thousands of asks takes many turns, and does not hold up the others.
  private func settleAnswered(since began: Moment) throws(StoreError) -> Set<Int> {
    var done: Set<Int> = []
    var work = WorkerStore.workAtOnce
    for call in finished {
      if try settle(call, work: work, at: began) {
        done.insert(call.id)
        world.progress()
      } else {
        work = WorkerStore.workAtOnce / 10
      }
      if done.count == Self.answersPerTurn || now() - began > Self.settlingPerTurn { break }
    }
    return done
  }

  private func keepUp(at now: Moment) throws(StoreError) {
    let began = self.now()
    try state.upkeep.step(store, at: now)
    state.upkeep.note(took: self.now() - began)
    if state.strays.isBusy || now >= state.strays.next {
      try state.strays.step(store, underWay: Set(calls.keys), at: now) {
        self.now() - began > StrayUpkeep.slice
      }
    }
  }

  /// Some milliseconds more than it takes as a rule to copy the log.
  private static let trimSpan: Span = 100

  /// The claim has charged the lanes for a call that is begun within this time. Writing it down may
  /// take longer, on a slow disk or a machine that was put to sleep; a call that is too late for its
  /// charge is not made.
  private static let sendSlack: Span = .seconds(2)

  /// How long after its claim a call can still be carried out.
  var longestCall: Span { Self.sendSlack + callTimeout }

  private func send(_ departure: Departure, claimed: Moment) {
    if case .lanes = calls[departure.call].cargo { rate.count(at: now()) }
    beats.lastCall = now()
    world.send(
      departure.request, tag: departure.call, earliest: store.clocks.boot(departure.earliest),
      latest: store.clocks.boot(claimed + longestCall))
  }

  /// How long before its budget opens a call is written down now. A run with an end makes no call after
  /// it.
  func lead(at now: Moment) -> Span {
    guard let limit else { return lead.span }
    return min(lead.span, max(0, started + limit - 1 - now))
  }

  /// Whether a pass would find anything to do.
  private func hasWork(at now: Moment) throws(StoreError) -> Bool {
    if !finished.isEmpty { return true }
    if try store.dataVersion() != state.seenVersion { return true }
    return !state.isFoldedUp || state.isTidying || waitSpan(at: now) == 0
  }

  func take(_ events: [WorldEvent]) {
    for event in events {
      switch event {
      case .sent(let tag, let moment):
        if calls.find(tag) != nil { calls[tag].sent = store.clocks.queue(moment) }
      case .finished(let tag, let outcome, let moment):
        guard let call = calls.find(tag) else { continue }
        learnSecret(in: outcome, of: call)
        let at = store.clocks.queue(moment)
        let answer = FeishuWire.read(outcome, redaction, received: store.clocks.wall(at))
        finish(FinishedCall(id: tag, call: call, outcome: outcome, answer: answer, at: at))
      }
    }
  }

  /// An answer that brings an access token may repeat it in its message.
  private func learnSecret(in outcome: Outcome, of call: UnderWay) {
    guard case .tokenRequest = call.cargo, let token = FeishuWire.newSecret(in: outcome) else {
      return
    }
    redaction.know(token, from: .login(account: call.account))
  }

  /// Reads a secret, which from then on is taken out of every text from outside.
  func readSecret(_ source: SecretSource) -> Result<String, SecretProblem> {
    let result = lookUpSecret(source)
    if case .success(let secret) = result { redaction.know(secret, from: .place(source)) }
    return result.mapError { SecretProblem(redaction.text($0.why)) }
  }

  private func finish(_ call: FinishedCall) {
    countArrival(call)
    finished.append(call)
  }

  private func tell() {
    let events = state.events
    state.events = []
    for event in events { report(event) }
  }

  var hasUnsettledCalls: Bool { !calls.isEmpty || !finished.isEmpty }

  var lanesInFlight: Int {
    calls.all.reduce(0) { sum, call in
      if case .lanes(let call, _) = call.cargo { sum + call.lanes.count } else { sum }
    }
  }
}

/// Why an app secret cannot be read.
package struct SecretProblem: Error, Equatable, Sendable {
  package let why: String

  package init(_ why: String) { self.why = why }
}
