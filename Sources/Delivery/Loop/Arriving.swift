import Larkspur
import Planning

/// From answers to what they mean.
extension Worker {
  /// Reads what came of a call and writes it down. False when there is no time for all of it in this turn.
  /// Should the worker be killed in between, what has not ended goes again.
  func settle(_ finished: FinishedCall, work: Int, at now: Moment) throws(SQLiteError) -> Bool {
    let answer = finished.answer
    switch finished.call.cargo {
    case .tokenRequest: try settleToken(finished, answer, at: now)
    case .lanes(let flight, let bearer):
      guard let ahead = try endAsks(of: flight, finished, work: work, at: now) else { return false }
      try settle(flight, ahead, bearer: bearer, finished, answer, at: now)
    }
    state.flights[finished.id] = nil
    state.accounts[finished.call.account]?.flights -= 1
    return true
  }

  /// Nil while some of them have not ended.
  private func endAsks(
    of flight: Flight, _ finished: FinishedCall, work: Int, at now: Moment
  ) throws(SQLiteError) -> SettlingAhead? {
    var work = work
    let verdict = Verdict(of: finished.answer, from: flight.gate.kind.api)
    let begun = ahead.removeValue(forKey: finished.id)
    if begun == nil {
      // Asks say which call they ended with, so from here on it has an outcome.
      try store.finish(call: flight.id, CallRecord(verdict, finished.answer, finished), at: now)
    }
    var ahead: SettlingAhead
    if let begun {
      ahead = begun
    } else {
      ahead = SettlingAhead(
        try ruling(on: flight, finished.answer, verdict, at: max(now, finished.at)))
    }
    let isDone = try store.endAsks(
      of: flight, &ahead, reason: finished.answer.summary, &work, at: now)
    if isDone { return ahead }
    self.ahead[finished.id] = ahead
    return nil
  }

  private func settle(
    _ flight: Flight, _ ahead: SettlingAhead, bearer: String, _ finished: FinishedCall,
    _ answer: Answer, at now: Moment
  ) throws(SQLiteError) {
    let verdict = Verdict(of: answer, from: flight.gate.kind.api)
    state.lines[flight.gate]?.flights -= 1
    let record = CallRecord(verdict, answer, finished)
    let reason = answer.summary
    let ruling = ahead.ruling
    let settled = try store.settle(
      flight, ahead, reason: reason,
      result: FeishuWire.result(of: flight.gate.kind, in: finished.outcome, redaction), at: now)
    let isSuccess = ruling.isSuccess(verdict)
    if !isSuccess { state.lines[flight.gate]?.record.health.lost(settled.losses) }
    try adjust(flight, verdict, answer, isSuccess: isSuccess, bearer: bearer, at: now)
    state.stale.insert(flight.gate)
    let account = state.accounts[flight.gate.account]?.settings.name ?? "?"
    tellCall(finished, flight, verdict, record, account: account, detail: reason)
    count(settled, account: account, flight.gate.kind)
  }

  func count(_ settled: Settled, account: String, _ kind: Kind) {
    state.result.progress.lanesLeft -= settled.idle
    state.result.progress.lanesDone += settled.idle
    for (lane, reason) in settled.dead {
      state.result.asksDied += 1
      state.events.append(.died(account: account, kind, lane: lane, reason: reason))
    }
  }

  /// Tells a call's budget that it is over. At once and not when its answer is written down: that may
  /// be many answers later, and until then nobody knows when the next call may go.
  func countArrival(_ finished: FinishedCall) {
    guard case .lanes(let flight, _) = finished.call.cargo else { return }
    switch finished.answer {
    case .neverLeft, .tooLate: state.lines[flight.gate]?.budget.giveBack()
    case .reply:
      let took = finished.at - (finished.call.sent ?? finished.at)
      state.lines[flight.gate]?.budget.answered(at: finished.at, after: took)
    case .noAnswer:
      // A connection that breaks does not show that the call will not arrive.
      let last = max(finished.at, flight.started + flight.timeout)
      state.lines[flight.gate]?.budget.lost(at: last)
    }
  }

  private func ruling(
    on flight: Flight, _ answer: Answer, _ verdict: Verdict, at moment: Moment
  ) throws(SQLiteError) -> Ruling {
    let gate = flight.gate
    guard let settings = state.accounts[gate.account]?.settings, let line = state.lines[gate] else {
      preconditionFailure("an account that calls were made for is not there")
    }
    let next = state.stale.contains(gate) ? try store.nextReady(gate) : line.nextReady
    let circumstances = Circumstances(
      isIdle: settings.monthlyQuota == nil && next.map { $0 > moment } ?? true,
      isAlone: next == nil && line.flights == 1 && state.isFoldedUp, health: line.record.health)
    return flight.ruling(
      answer, verdict, at: moment, circumstances, packingTerms(settings, at: moment))
  }

  /// What an answer means beyond the lanes in its call: for the budget, the credential, the account.
  private func adjust(
    _ flight: Flight, _ verdict: Verdict, _ answer: Answer, isSuccess: Bool, bearer: String,
    at now: Moment
  ) throws(SQLiteError) {
    let gate = flight.gate
    let refusals = state.accounts[gate.account]?.credential.refusals ?? 0
    if answer.mayHaveLeft {
      state.result.unreachable = nil
      if verdict != .tokenRefused && !usesUserToken(gate) {
        state.accounts[gate.account]?.credential.accepted()
      }
    }
    if isSuccess {
      try succeeded(flight, at: now)
    } else {
      state.lines[gate]?.trouble = answer.summary
      if let failing = verdict.failing(of: flight.lanes.map(\.sent.id)), answer != .tooLate {
        state.lines[gate]?.failed(
          failing, wait: verdict == .limited ? answer.wait : nil, why: answer.summary,
          started: flight.started, at: now, dice: world.random())
      }
    }
    switch verdict {
    case .unreachable where answer != .tooLate:
      state.result.unreachable = "\(answer.summary) (\(host(of: gate.account)))"
    case .foreign: try parkIfElsewhere(gate, why: answer.summary, at: now)
    case .quotaSpent: pauseForQuota(gate.account, why: answer.summary, at: now)
    case .tokenRefused where usesUserToken(gate):
      try userTokenRefused(bearer, gate, why: answer.summary, at: now)
    case .tokenRefused:
      state.accounts[gate.account]?.tokenFailure = answer.summary
      let isHopeless = state.accounts[gate.account]?.credential.refused(bearer) ?? false
      if isHopeless { try park(gate.account, .credentials, why: answer.summary, at: now) }
    case .parked(.permission) where usesUserToken(gate):
      // A person has not granted something: another person's token may do.
      try userTokenRefused(bearer, gate, why: answer.summary, at: now)
    case .parked(let trouble):
      try park(gate.account, trouble, why: answer.summary, at: now)
    default: break
    }
    if let now = state.accounts[gate.account]?.credential.refusals, now != refusals {
      try store.put(refusals: now, ofTokens: gate.account)
    }
    if verdict.failsFreely { state.lines[gate]?.uncountCall(started: flight.started) }
    for kind in Kind.allCases { try saveBudget(of: Gate(account: gate.account, kind: kind)) }
    tellPause(gate, verdict, at: now)
  }

  private func succeeded(_ flight: Flight, at now: Moment) throws(SQLiteError) {
    let gate = flight.gate
    state.accounts[gate.account]?.tokenFailure = nil
    state.lines[gate]?.succeeded(at: now)
    try noteSuccess(at: gate.account)
    try unpark(gate.account, provenBy: flight)
  }

  func noteSuccess(at account: Int) throws(SQLiteError) {
    guard let known = state.accounts[account], known.provenHost != known.settings.host else {
      return
    }
    state.accounts[account]?.provenHost = known.settings.host
    try store.put(provenHost: known.settings.host, of: account)
  }

  func isProven(_ account: Int) -> Bool {
    state.accounts[account].map { $0.provenHost == $0.settings.host } ?? false
  }

  private func parkIfElsewhere(
    _ gate: Gate, why: String, at now: Moment
  ) throws(SQLiteError) {
    guard let health = state.lines[gate]?.record.health,
      health.isElsewhere(isProven: isProven(gate.account), at: now)
    else { return }
    try park(gate.account, .address, why: why, at: now)
  }

  func host(of account: Int) -> String { state.accounts[account]?.settings.host ?? "?" }

  /// Until the month ends, as far as anybody knows; a probe an hour shows whether somebody has bought
  /// more.
  private func pauseForQuota(_ account: Int, why: String, at now: Moment) {
    let month = month(at: now)
    let next = monthEnd(at: now)
    for gate in state.lines.keys where gate.account == account && gate.kind.hasQuota {
      state.lines[gate]?.record.spentMonth = month
      state.lines[gate]?.pause(until: min(next, now + Self.quotaProbePause), why: why)
    }
  }

  private static let quotaProbePause: Span = .hours(1)

  func park(
    _ account: Int, _ trouble: Trouble, why: String, at now: Moment
  ) throws(SQLiteError) {
    let wasParked = state.accounts[account]?.parked != nil
    let parked = Parked(trouble: trouble, why: why, probe: now + Self.probePause)
    state.accounts[account]?.parked = parked
    try store.park(account, parked)
    if !wasParked, let name = state.accounts[account]?.settings.name {
      state.events.append(.parked(account: name, trouble, why: why))
    }
  }

  /// How often a parked account is tried without a person having said anything.
  private static let probePause: Span = .minutes(15)

  /// A call that had left before its account was parked shows nothing: what parked it is newer.
  private func unpark(_ account: Int, provenBy flight: Flight) throws(SQLiteError) {
    guard let parked = state.accounts[account]?.parked, flight.started >= parked.probe else {
      return
    }
    state.accounts[account]?.parked = nil
    try store.park(account, nil)
    if let name = state.accounts[account]?.settings.name {
      state.events.append(.unparked(account: name))
    }
  }
}

extension Answer {
  /// Whether any of it may have been on the wire.
  fileprivate var mayHaveLeft: Bool {
    switch self {
    case .neverLeft, .tooLate: false
    case .noAnswer, .reply: true
    }
  }

  /// How long the server asks to wait.
  var wait: Span? {
    guard case .reply(let reply) = self else { return nil }
    return reply.wait
  }
}

extension CallRecord {
  init(_ verdict: Verdict, _ answer: Answer, _ finished: FinishedCall) {
    self.init(outcome: verdict.word, sent: finished.call.sent, sentBytes: finished.call.sentBytes)
    switch answer {
    case .neverLeft(let why), .noAnswer(let why): message = why
    case .tooLate: message = answer.summary
    case .reply(let reply):
      status = reply.status
      code = reply.code
      message = reply.message.isEmpty ? nil : reply.message
      logID = reply.logID
    }
    if case .answered(let raw) = finished.outcome { answerBytes = raw.body.count }
  }
}

extension Worker {
  func tellCall(
    _ finished: FinishedCall, _ flight: Flight?, _ verdict: Verdict, _ record: CallRecord,
    account: String, detail: String
  ) {
    state.events.append(
      .called(
        CallReport(
          account: account, api: flight.map { $0.gate.kind.api } ?? .auth, call: finished.id,
          lanes: flight?.lanes.map(\.name) ?? [], audience: flight?.audience,
          took_ms: finished.at - finished.call.started, outcome: record.outcome, detail: detail,
          isGood: verdict == .delivered)))
  }

  private func tellPause(_ gate: Gate, _ verdict: Verdict, at now: Moment) {
    guard verdict != .delivered, let line = state.lines[gate], line.record.pausedUntil > now else {
      return
    }
    state.events.append(
      .paused(
        account: state.accounts[gate.account]?.settings.name ?? "?", gate.kind.api,
        forMilliseconds: line.record.pausedUntil - now, why: line.record.pausedWhy ?? ""))
  }
}
