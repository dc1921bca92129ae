import Larkspur
import Planning

/// Decides what answers mean and carries it out.
extension Worker {
  /// Records what came of a call. False if this turn has no time for all of it. If the worker is
  /// killed in between, the asks that have not ended yet are sent again.
  func settle(_ finished: FinishedCall, work: Int, at now: Moment) throws(StoreError) -> Bool {
    let answer = finished.answer
    switch finished.call.cargo {
    case .login(let login): try settle(login, finished, answer, at: now)
    case .lanes(let call, let bearer):
      guard let ahead = try endAsks(of: call, finished, work: work, at: now) else { return false }
      try settle(call, ahead, bearer: bearer, finished, answer, at: now)
    }
    calls.remove(finished.id)
    accounts[finished.call.account].callsUnderWay -= 1
    return true
  }

  /// Ends the asks that the answer settles. Nil while some of them have not ended yet.
  private func endAsks(
    of call: ClaimedCall, _ finished: FinishedCall, work: Int, at now: Moment
  ) throws(StoreError) -> SettlingAhead? {
    var work = work
    let verdict = Verdict(of: finished.answer, from: call.channel.kind.api)
    let begun = ahead.removeValue(forKey: finished.id)
    if begun == nil {
      // Ended asks name the call they ended with, so its outcome is recorded first.
      try store.finish(call: call.id, CallRecord(verdict, finished.answer, finished), at: now)
    }
    var ahead: SettlingAhead
    if let begun {
      ahead = begun
    } else {
      let told = isOutdated(finished.call) ? verdict.afterChangeOfApp : verdict
      ahead = SettlingAhead(
        try settlement(of: call, finished.answer, told, at: max(now, finished.at)))
    }
    let isDone = try store.endAsks(
      of: call, &ahead, reason: finished.answer.summary, &work, at: now)
    if isDone { return ahead }
    self.ahead[finished.id] = ahead
    return nil
  }

  private func settle(
    _ call: ClaimedCall, _ ahead: SettlingAhead, bearer: String, _ finished: FinishedCall,
    _ answer: Answer, at now: Moment
  ) throws(StoreError) {
    let verdict = Verdict(of: answer, from: call.channel.kind.api)
    accounts[call.channel].callsUnderWay -= 1
    let record = CallRecord(verdict, answer, finished)
    let reason = answer.summary
    let settled = try store.settle(
      call, ahead, reason: reason,
      result: FeishuWire.result(of: call.channel.kind, in: finished.outcome, redaction), at: now)
    let isSuccess = ahead.settlement.isSuccess(verdict)
    if !isSuccess { accounts[call.channel].record.health.lost(settled.losses) }
    // A log tells the call before what follows from it.
    let account = accounts[call.channel.account].settings.name
    tellCall(finished, call, verdict, record, account: account, detail: reason)
    if isOutdated(finished.call) {
      countForMonth(call, verdict, at: now)
    } else {
      try adjust(call, verdict, answer, isSuccess: isSuccess, bearer: bearer, at: now)
    }
    // Lanes that became idle were in flight before, so what is due next is what it was.
    let isAllIdle = isSuccess && settled.idle == call.lanes.count
    if !isAllIdle { state.stale.insert(call.channel) }
    count(settled, account: account, call.channel.kind, AnswerFacts(answer))
  }

  func count(_ settled: Settled, account: String, _ kind: Kind, _ answer: AnswerFacts) {
    state.result.progress.lanesLeft -= settled.idle
    state.result.progress.lanesDone += settled.idle
    for (lane, reason) in settled.dead {
      state.result.asksDied += 1
      state.events.append(
        .died(account: account, .lane(of: kind), lane: lane, reason: reason, answer))
    }
  }

  /// Tells the budget that a call is over. This happens at once and not when the answer is
  /// recorded, which may be many answers later: until then the budget cannot tell when the next
  /// call may leave.
  func countArrival(_ finished: FinishedCall) {
    switch finished.call.cargo {
    case .lanes(let call, _): accounts[call.channel].budget.count(finished, within: call.timeout)
    case .login(.tenant(let app, _)):
      accounts[app].tenants.logins.count(finished, within: longestCall)
    case .login: break
    }
  }

  private func settlement(
    of call: ClaimedCall, _ answer: Answer, _ verdict: Verdict, at moment: Moment
  ) throws(StoreError) -> Settlement {
    let channel = call.channel
    let settings = accounts[channel.account].settings
    let known = accounts[channel]
    let next = state.stale.contains(channel) ? try store.nextReady(channel).any : known.nextReady
    let circumstances = Circumstances(
      isIdle: settings.monthlyQuota == nil && next.map { $0 > moment } ?? true,
      isAlone: next == nil && known.callsUnderWay == 1 && state.isFoldedUp,
      health: known.record.health)
    return call.settle(
      answer, verdict, at: moment, circumstances, packingTerms(settings, at: moment))
  }

  /// Carries out what an answer means beyond the lanes in its call.
  private func adjust(
    _ call: ClaimedCall, _ verdict: Verdict, _ answer: Answer, isSuccess: Bool, bearer: String,
    at now: Moment
  ) throws(StoreError) {
    let channel = call.channel
    let isPersons = usesUserToken(channel)
    let refusals = accounts[channel.account].credential.refusals
    if answer.mayHaveLeft {
      state.result.unreachable = nil
      accounts[channel.account].unreachable = nil
    }
    if verdict.provesAppToken(answer, withUserToken: isPersons) {
      accounts[channel.account].credential.accepted()
    }
    if isSuccess {
      try succeeded(call, at: now)
    } else {
      accounts[channel].trouble = answer.summary
      if let failing = verdict.failing(of: call.lanes.map(\.id), answer) {
        accounts[channel].failed(
          failing, wait: verdict == .limited ? answer.wait : nil, why: answer.summary,
          started: call.started, at: now, dice: world.random())
      }
    }
    let consequence = verdict.consequence(answer, withUserToken: isPersons)
    try carryOut(consequence, channel, bearer, answer, at: now)
    let refusalsNow = accounts[channel.account].credential.refusals
    if refusalsNow != refusals { try store.put(refusals: refusalsNow, ofTokens: channel.account) }
    countForMonth(call, verdict, at: now)
    tellPause(channel, verdict, answer, at: now)
  }

  private func countForMonth(
    _ call: ClaimedCall, _ verdict: Verdict, at now: Moment
  ) {
    if verdict.failsFreely { accounts[call.channel].uncountCall(started: call.started) }
    state.unsaved.insert(call.channel.account)
  }

  private func carryOut(
    _ consequence: Verdict.Consequence, _ channel: Channel, _ bearer: String, _ answer: Answer,
    at now: Moment
  ) throws(StoreError) {
    let account = channel.account
    let why = answer.summary
    switch consequence {
    case .none: break
    case .hostUnreachable: noteUnreachable(account, why)
    case .hostForeign: try parkIfElsewhere(channel, answer, at: now)
    case .quotaSpent: accounts[account].pauseForQuota(state.month, why: why, at: now)
    case .userTokenRefused: userTokenRefused(bearer, channel, why: why, at: now)
    case .appTokenRefused:
      accounts[account].tokenFailure = why
      let isHopeless = accounts[account].credential.refused(bearer)
      if isHopeless { try park(account, .credentials, answer, at: now) }
    case .parked(let trouble): try park(account, trouble, answer, at: now)
    }
  }

  func noteUnreachable(_ account: Int, _ why: String) {
    let place = "\(why) (\(accounts[account].settings.host))"
    state.result.unreachable = place
    accounts[account].unreachable = place
  }

  private func succeeded(_ call: ClaimedCall, at now: Moment) throws(StoreError) {
    let channel = call.channel
    beats.lastSuccess = now
    accounts[channel.account].tokenFailure = nil
    accounts[channel].succeeded(started: call.started, at: now)
    try noteSuccess(at: channel.account)
    try unpark(channel.account, provenBy: call, at: now)
  }

  func noteSuccess(at account: Int) throws(StoreError) {
    if accounts[account].isProven { return }
    let host = accounts[account].settings.host
    accounts[account].provenHost = host
    try store.put(provenHost: host, of: account)
  }

  private func parkIfElsewhere(
    _ channel: Channel, _ answer: Answer, at now: Moment
  ) throws(StoreError) {
    let isProven = accounts[channel.account].isProven
    guard accounts[channel].record.health.isElsewhere(isProven: isProven, at: now) else { return }
    try park(channel.account, .address, answer, at: now)
  }

  func park(
    _ account: Int, _ trouble: Trouble, _ answer: Answer, at now: Moment
  ) throws(StoreError) {
    let wasParked = accounts[account].parked != nil
    let why = answer.summary
    let parked = Parked(trouble: trouble, why: why, probe: now + RetryPolicy.parkedProbes)
    accounts[account].parked = parked
    try store.park(account, parked, at: now)
    if !wasParked {
      let settings = accounts[account].settings
      state.events.append(
        .parked(
          account: settings.name, trouble, isTenant: settings.isTenant,
          credentials: settings.credentialsPlace, why: why, AnswerFacts(answer)))
    }
  }

  /// A call that was already in flight when its account was parked proves nothing: whatever parked
  /// the account is newer.
  private func unpark(
    _ account: Int, provenBy call: ClaimedCall, at now: Moment
  ) throws(StoreError) {
    guard let parked = accounts[account].parked, call.started >= parked.probe else { return }
    accounts[account].parked = nil
    try store.park(account, nil, at: now)
    state.events.append(.unparked(account: accounts[account].settings.name))
  }
}

extension Budget {
  fileprivate mutating func count(_ finished: FinishedCall, within timeout: Span) {
    switch finished.answer {
    case .neverLeft, .tooLate: giveBack()
    case .reply:
      let took = finished.at - (finished.call.sent ?? finished.at)
      answered(at: finished.at, after: took)
    case .noAnswer:
      // The call may still arrive after its connection has broken.
      lost(at: max(finished.at, finished.call.started + timeout))
    }
  }
}
