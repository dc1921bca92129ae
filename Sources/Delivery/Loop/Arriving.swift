import Larkspur
import Planning

/// From answers to what they mean.
extension Worker {
  /// Tells the budgets when calls were on the wire, as soon as that is certain enough.
  func countCallsOnTheWire(at now: Moment) {
    for (id, flight) in state.flights where !flight.isCounted {
      guard let sent = flight.sent, sent + Budget.jitterHeadroom <= now else { continue }
      count(id, at: sent + Budget.jitterHeadroom)
    }
  }

  private func count(_ id: Int, at moment: Moment) {
    guard let flight = state.flights[id], !flight.isCounted,
      case .lanes(let lanes, _) = flight.cargo
    else { return }
    state.flights[id]?.isCounted = true
    state.lines[lanes.gate]?.budget.count(at: moment)
  }

  /// Reads what came of a call and writes it down.
  func settle(_ finished: FinishedCall, at now: Moment) throws(SQLiteError) {
    let answer = finished.answer
    switch finished.call.cargo {
    case .tokenRequest: try settleToken(finished, answer, at: now)
    case .lanes(let flight, let bearer):
      try settle(flight, bearer: bearer, finished, answer, at: now)
    }
    state.flights[finished.id] = nil
    state.accounts[finished.call.account]?.flights -= 1
  }

  private func settle(
    _ flight: Flight, bearer: String, _ finished: FinishedCall, _ answer: Answer, at now: Moment
  ) throws(SQLiteError) {
    let verdict = Verdict(of: answer, from: flight.gate.kind.api)
    state.lines[flight.gate]?.flights -= 1
    let record = CallRecord(verdict, answer, finished)
    let reason = answer.summary
    let ruling = ruling(on: flight, answer, verdict, at: max(now, finished.at))
    let settled = try store.settle(
      flight, ruling, record, reason: reason,
      result: FeishuWire.result(of: flight.gate.kind, in: finished.outcome), at: now)
    try adjust(flight, verdict, answer, bearer: bearer, at: now)
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

  /// Tells a call's budget when it arrived. At once and not when its answer is written down: that may
  /// be many answers later, and until then nobody knows when the next call may go.
  func countArrival(_ finished: FinishedCall) {
    guard case .lanes(let flight, _) = finished.call.cargo else { return }
    if !finished.answer.mayHaveLeft {
      if state.flights[finished.id]?.isCounted == false {
        state.flights[finished.id]?.isCounted = true
        state.lines[flight.gate]?.budget.giveBack()
      }
      return
    }
    let sent = finished.call.sent ?? finished.at
    guard case .reply = finished.answer else {
      // Only an answer shows that it has arrived: a connection that breaks at once does not.
      return count(finished.id, at: sent + Budget.jitterHeadroom)
    }
    let took = finished.at - sent
    count(
      finished.id,
      at: sent + (state.lines[flight.gate]?.roundTrips.arrival(of: took) ?? took))
    state.lines[flight.gate]?.roundTrips.note(took)
  }

  private func ruling(
    on flight: Flight, _ answer: Answer, _ verdict: Verdict, at moment: Moment
  ) -> Ruling {
    let gate = flight.gate
    guard let settings = state.accounts[gate.account]?.settings else {
      preconditionFailure("an account that calls were made for is not there")
    }
    return flight.ruling(
      answer, verdict, at: moment,
      isIdle: settings.monthlyQuota == nil && !hasBacklog(gate, at: moment),
      isHostFailing: state.lines[gate]?.isHostFailing ?? false,
      packingTerms(settings, at: moment))
  }

  private func hasBacklog(_ gate: Gate, at now: Moment) -> Bool {
    state.lines[gate]?.nextReady.map { $0 <= now } ?? false
  }

  /// What an answer means beyond the lanes in its call: for the budget, the credential, the account.
  private func adjust(
    _ flight: Flight, _ verdict: Verdict, _ answer: Answer, bearer: String, at now: Moment
  ) throws(SQLiteError) {
    let gate = flight.gate
    let started = flight.started
    let dice = world.random()
    let refusals = state.accounts[gate.account]?.credential.refusals ?? 0
    if answer.mayHaveLeft {
      state.result.unreachable = nil
      if verdict != .tokenRefused && !usesUserToken(gate) {
        state.accounts[gate.account]?.credential.accepted()
      }
    }
    switch verdict {
    case .delivered:
      state.accounts[gate.account]?.tokenFailure = nil
      state.lines[gate]?.succeeded()
      try unpark(gate.account, provenBy: flight)
    case .refused, .unfit, .outOfOrder, .alreadyKnown, .busy, .gone:
      state.lines[gate]?.succeeded()
    case .tryAgain:
      state.lines[gate]?.failed(
        why: answer.summary, started: started, at: now, dice: dice, patience: Line.patience)
    // Nothing is known of the host: the next call may go at once.
    case .unreachable where answer == .tooLate: break
    case .unreachable:
      state.result.unreachable = "\(answer.summary) (\(host(of: gate.account)))"
      state.lines[gate]?.failed(
        why: answer.summary, started: started, at: now, dice: dice, patience: 0)
    case .limited:
      state.lines[gate]?.limited(
        wait: answer.wait, why: answer.summary, started: started, at: now, dice: dice)
    case .quotaSpent:
      pauseUntilNextMonth(gate.account, why: answer.summary, at: now)
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
    }
    switch verdict {
    case .delivered, .refused, .unfit, .outOfOrder, .alreadyKnown, .busy, .gone: break
    default: state.lines[gate]?.trouble = answer.summary
    }
    if let now = state.accounts[gate.account]?.credential.refusals, now != refusals {
      try store.put(refusals: now, ofTokens: gate.account)
    }
    if verdict.failsFreely { state.lines[gate]?.uncountCall(started: started) }
    for kind in Kind.allCases { try saveBudget(of: Gate(account: gate.account, kind: kind)) }
    tellPause(gate, verdict, at: now)
  }

  private func host(of account: Int) -> String { state.accounts[account]?.settings.host ?? "?" }

  private func pauseUntilNextMonth(_ account: Int, why: String, at now: Moment) {
    let next = monthEnd(at: now)
    for gate in state.lines.keys where gate.account == account && gate.kind.hasQuota {
      state.lines[gate]?.pause(until: next, why: why)
    }
  }

  private func park(
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

  private func settleToken(
    _ finished: FinishedCall, _ answer: Answer, at now: Moment
  ) throws(SQLiteError) {
    let account = finished.call.account
    let dice = world.random()
    var verdict = Verdict(of: answer, from: .auth)
    if case .answered(let raw) = finished.outcome, verdict == .delivered {
      if let token = FeishuWire.accessToken(in: raw) {
        state.accounts[account]?.credential.arrived(
          token.value, lives: token.lives, at: now, dice: dice)
        state.result.unreachable = nil
      } else {
        verdict = .tryAgain(attemptsMax: Verdict.attemptsMax)
      }
    }
    if verdict != .delivered { try tokenFailed(account, verdict, answer, dice: dice, at: now) }
    try noteLoginPause(account, isOver: verdict == .delivered, wait: answer.wait)
    let record = CallRecord(verdict, answer, finished)
    try store.finish(call: finished.id, record, at: now)
    if verdict != .delivered {
      let name = state.accounts[account]?.settings.name ?? "?"
      tellCall(finished, nil, verdict, record, account: name, detail: answer.summary)
    }
  }

  /// How long the server asks to wait is for the next run, too.
  private func noteLoginPause(
    _ account: Int, isOver: Bool, wait: Span?
  ) throws(SQLiteError) {
    var login = try store.budget(account, .auth)
    guard isOver ? login.pausedUntil > 0 : wait != nil else { return }
    login.pausedUntil = isOver ? 0 : state.accounts[account]?.credential.notBefore ?? 0
    login.pausedWhy = isOver ? nil : state.accounts[account]?.tokenFailure
    try store.put(login, account, .auth)
  }

  private func tokenFailed(
    _ account: Int, _ verdict: Verdict, _ answer: Answer, dice: UInt64, at now: Moment
  ) throws(SQLiteError) {
    state.accounts[account]?.credential.fetchFailed(wait: answer.wait, at: now, dice: dice)
    state.accounts[account]?.tokenFailure = "no access token: \(answer.summary)"
    switch verdict {
    case .parked(let trouble): try park(account, trouble, why: answer.summary, at: now)
    // There is no token here that could be refused: what is refused is the app's id and secret.
    case .refused, .tokenRefused, .unfit, .outOfOrder, .alreadyKnown, .busy, .gone:
      try park(account, .credentials, why: answer.summary, at: now)
    case .unreachable where answer == .tooLate: break
    case .unreachable:
      state.result.unreachable = "\(answer.summary) (\(host(of: account)))"
    case .delivered, .tryAgain, .limited, .quotaSpent: break
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

extension Verdict {
  /// Failed calls are not counted by the quota. One that may have been carried out is, to be safe.
  var failsFreely: Bool {
    switch self {
    case .delivered, .tryAgain: false
    case .refused, .unfit, .outOfOrder, .alreadyKnown, .busy, .gone, .unreachable, .limited,
      .quotaSpent,
      .tokenRefused, .parked:
      true
    }
  }

  /// The word in the history.
  var word: String {
    switch self {
    case .delivered: "delivered"
    case .refused, .unfit, .outOfOrder, .alreadyKnown, .busy, .gone: "refused"
    case .tryAgain: "try again"
    case .unreachable: "unreachable"
    case .limited: "limited"
    case .quotaSpent: "quota"
    case .tokenRefused: "token refused"
    case .parked: "parked"
    }
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
  private func tellCall(
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
