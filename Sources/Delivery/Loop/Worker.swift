import Larkspur
import Planning

/// The only loop: settle what has been answered, fold what has been asked, claim what may go, write
/// all of it in one transaction, send, wait. The only other writer of lanes is `larkspur cancel`.
package final class Worker {
  let store: WorkerStore
  let world: any World
  let mode: WorkMode
  /// The longest time from the start of a call until it can no longer be carried out.
  let callTimeout: Span
  let lookUpSecret: (SecretSource) -> Result<String, SecretProblem>
  /// When the file of a secret was written; nil if that is not known.
  package var whenWritten: (SecretSource) -> WallMoment? = { _ in nil }
  let report: (WorkEvent) -> Void

  /// Called after each look at the queue. Returns how long the loop may sleep at most.
  package var onLook: ((WorkPhase) -> Span)?
  /// Called with how the worker is doing, at most once a second unless something has changed.
  package var onBeat: ((Heartbeat.Look) -> Void)?
  /// Called with the figures of the queue, at most every 15 s, and at the end of the run.
  package var onFigures: ((QueueFigures) -> Void)?

  /// Called before each turn. Returns the accounts if the configuration has changed, and nil if it has not or
  /// cannot be used. `isAsked` when a person has asked for a reload.
  package var readConfiguration: ((_ isAsked: Bool) -> [AccountSettings]?)?

  /// Not part of `state`: the secrets it has learned stay known when a turn fails.
  private(set) var redaction: Redaction
  var state = LoopState()
  /// The configured accounts, and those that were removed from the configuration during the run.
  var accounts = Table<Int, AccountState>()
  /// Calls that are on disk and not settled.
  var calls = Table<Int, UnderWay>()
  /// When to look at each account next.
  var timers = Timers<Int>()
  /// Accounts with waiting lanes.
  var waiting: Set<Int> = []
  private(set) var finished: [FinishedCall] = []
  /// Answers that are being written down over several turns, by call.
  var ahead: [Int: SettlingAhead] = [:]
  var rate = CallRate()
  private var lead = LeadTime()
  var beats = BeatState()
  var figurePace = FigurePace()
  var storeFailures = 0
  /// How often rows were repaired since a turn last succeeded, by what was wrong with them.
  var repairs: [String: Int] = [:]
  /// When to count the waiting lanes next.
  var nextCount: Moment = .zero
  /// The accounts as last read from the configuration.
  var settings: [AccountSettings]
  var reloadsSeen = 0
  var isStarted = false
  var started: Moment = .zero
  /// What was left of the run's time limit once the queue had been read. Counted from `started`.
  private(set) var limit: Span?
  var newestAskAtStart = 0
  /// Set before the start, if something else than usual is kept.
  package var retention = Retention()
  /// Set before the start if the loop goes on from another run, ahead of it.
  var inheritance: Inheritance?
  /// Set before the start. A run on a copy of the queue has no use for totals, and nothing of it is
  /// too old or in the wrong place.
  var keepsHouse = true

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

  func now() -> Moment { store.clocks.queue(world.clocks().sinceBoot) }

  /// Works until the mode's goal is reached or a person ends it.
  package func run() throws(StoreError) -> WorkResult {
    // Before anything else: if these files are removed now, no other program may go on with new ones.
    store.tellOthers()
    // Provisional until the queue has been read: a lock must not keep a run beyond its time.
    started = now()
    let begin = world.clocks().sinceBoot
    var longestNap = Span.max
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
          repairs = [:]
        }
        try countLanes()
        if storeFailures > 0 { report(.storeRecovered) }
        storeFailures = 0
        beats.storeTrouble = nil
        beat()
        longestNap = onLook?(phase) ?? .max
        if isOver { break }
        showFigures()
        // Trimming may take a while, so it is done only when nothing is about to be sent.
        if !hasUnsettledCalls && waitSpan(at: now()) > Self.trimSpan { try store.trimLog() }
        world.forgetWrites()
        // Not worth its system calls while answers wake the worker anyway.
        if !hasUnsettledCalls && !store.mayBeWrittenNow { world.expectNoWrites() }
        // Checked after forgetting: whatever happens from here on ends the wait.
        if !store.isInPlace || !store.hasItsFiles { continue }
        if try store.dataVersion() != state.seenVersion { continue }
      } catch {
        let error = store.told(error)
        if try repairRows(after: error) { continue }
        try standBy(error)
        // After a request to stop, with nothing left to record, waiting helps only if a removed
        // file holds the only copy of something.
        if world.stopRequests > 0 && !hasUnsettledCalls && error.kind != .filesRemoved { break }
        continue
      }
      let span = finished.isEmpty ? waitSpan(at: now()) : 0
      take(world.wait(milliseconds: min(span, longestNap)))
    }
    noteWhatIsLeft()
    noteEnd()
    showFiguresNow()
    state.result.progress = progress
    return state.result
  }

  /// One turn. Its work does not grow with the number of waiting lanes.
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
        if !settled.isEmpty { state.counting.noteActivity(at: now) }
        let isNews = try notice(at: now)
        // Not before it is known which accounts a person has had forgotten.
        try take(changes, at: now)
        try hear(isNews: isNews, at: now, hasSettled: !settled.isEmpty)
        try keepUp(at: now)
        try refreshStaleChannels()
        if !isStopping { departures = try act(at: now) }
        // A claim ends parts too, of users who are known to be refused.
        try endKeyAsks(at: now)
        try saveBudgets(at: now)
      }
    } catch {
      state = before
      accounts.rollBack()
      calls.rollBack()
      // Its progress was rolled back, so settling these answers starts over.
      ahead = [:]
      throw error
    }
    finished.removeAll { settled.contains($0.id) }
    noteStrays()
    lead.note(turn: self.now() - now)
    for departure in departures { send(departure, claimed: now) }
    tell()
  }

  /// Handles the accounts that have something due.
  private func act(at now: Moment) throws(StoreError) -> [Departure] {
    refreshTimers(at: now)
    var departures: [Departure] = []
    for id in timers.due(at: now).sorted() {
      try lookForSecrets(of: id, at: now)
      try lookAtTicket(of: id, at: now)
      try endLanesThatCannotBe(of: id, at: now)
      if isExpiring(at: now) { continue }
      lookForNewUserToken(of: id, at: now)
      departures += try fetchTokens(for: id, at: now)
    }
    if !isExpiring(at: now) { departures += try claim(at: now) }
    return departures
  }

  /// Some milliseconds of work, so that on a busy queue calls still leave soon and others can
  /// write.
  private static let answersPerTurn = 25
  private static let settlingPerTurn: Span = 20

  /// Records answers as far as there is time, and returns which calls are done. A call that ends
  /// thousands of asks takes many turns and does not hold up the others.
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
    try state.counting.step(store, at: now)
    state.counting.note(took: self.now() - began)
    // What is pruned must have been counted.
    if !state.counting.isBusy {
      try state.upkeep.step(store, at: now)
      state.upkeep.note(took: self.now() - began)
    }
    if state.strays.isBusy || now >= state.strays.next {
      try state.strays.step(store, underWay: Set(calls.keys), at: now) {
        self.now() - began > StrayUpkeep.slice
      }
    }
    // In a turn of its own, so that its slice is all of the upkeep that others wait for.
    if !state.counting.isBusy && !state.upkeep.isBusy && !state.strays.isBusy {
      try state.sightings.step(store, at: now) { self.now() - began > SightingUpkeep.slice }
    }
  }

  /// How long a call may take before it is given up.
  package static let callTimeout: Span = .seconds(10)

  /// Some milliseconds longer than copying the log usually takes.
  private static let trimSpan: Span = 100

  /// A claim charges its lanes for a call that begins within this time. Committing may take longer,
  /// on a slow disk or a machine that was put to sleep; a call that is too late for its charge is
  /// not sent.
  private static let sendSlack: Span = .seconds(2)

  /// The longest time from the claim of a call until it can no longer be carried out.
  var longestCall: Span { Self.sendSlack + callTimeout }

  /// The same, with the usual timeout.
  package static let longestCall = sendSlack + callTimeout

  private func send(_ departure: Departure, claimed: Moment) {
    if case .lanes = calls[departure.call].cargo { rate.count(at: now()) }
    beats.lastCall = now()
    world.send(
      departure.request, tag: departure.call, earliest: store.clocks.boot(departure.earliest),
      latest: store.clocks.boot(claimed + longestCall))
  }

  /// How long before its budget opens a call is claimed now. No call is claimed that could leave
  /// only after the run's time limit.
  func lead(at now: Moment) -> Span {
    guard let limit else { return lead.span }
    return min(lead.span, max(0, started + limit - 1 - now))
  }

  /// Whether a turn would find anything to do.
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

  /// An answer that brings an access token may repeat the token in its message.
  private func learnSecret(in outcome: Outcome, of call: UnderWay) {
    guard case .login = call.cargo, let token = FeishuWire.newSecret(in: outcome) else {
      return
    }
    redaction.know(token, from: .login(account: call.account))
  }

  /// Reads a secret. From then on it is removed from every text that comes from outside.
  func readSecret(_ source: SecretSource) -> Result<String, SecretProblem> {
    let result = lookUpSecret(source)
    if case .success(let secret) = result { redaction.know(secret, from: .place(source)) }
    return result.mapError { SecretProblem(redaction.text($0.why)) }
  }

  private func finish(_ call: FinishedCall) {
    countArrival(call)
    finished.append(call)
  }

  func tell() {
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

/// Why a secret cannot be read.
package struct SecretProblem: Error, Equatable, Sendable {
  package let why: String

  package init(_ why: String) { self.why = why }
}
