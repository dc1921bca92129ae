/// A lane as it was when its call was made.
package struct SentLane: Hashable, Sendable {
  package let id: Int
  package let trials: Trials
  /// When it had become due, and the slot it had, before the call.
  package let ready: Moment
  package let slot: Moment
  /// Whom it wanted.
  package let wants: Audience
  /// While a refused open_id is looked for: open_ids refused alone so far, and whether any call for
  /// this token has succeeded meanwhile, which clears the token itself.
  package let strikes: Int
  package let isProven: Bool

  package init(
    id: Int, trials: Trials = Trials(), ready: Moment = .zero, slot: Moment = .zero,
    wants: Audience,
    strikes: Int = 0, isProven: Bool = false
  ) {
    self.id = id
    self.trials = trials
    self.ready = ready
    self.slot = slot
    self.wants = wants
    self.strikes = strikes
    self.isProven = isProven
  }
}

/// A call that has an outcome.
package struct SentCall: Hashable, Sendable {
  package let audience: Audience
  package let lanes: [SentLane]
  package let started: Moment
  /// How long after its start the call can still be carried out.
  package let timeout: Span

  package init(audience: Audience, lanes: [SentLane], started: Moment, timeout: Span) {
    self.audience = audience
    self.lanes = lanes
    self.started = started
    self.timeout = timeout
  }
}

/// What becomes of one lane once its call has an outcome.
package enum Fate: Hashable, Sendable {
  /// The call's audience has been reached.
  case delivered
  /// It goes again, no sooner than this.
  case again(ready: Moment, Trials)
  /// It goes again only with the lanes of the same group, to find out which one is refused.
  case suspect(group: Int, ready: Moment, Trials)
  /// It goes again alone and to no more than this many people, to find out who is refused.
  case narrower(peopleMax: Int)
  /// These people are refused; the others are not affected. Certain: something has succeeded since the
  /// lane began to fail, so that it holds for other lanes as well.
  case peopleRefused(Audience, strikes: Int, isCertain: Bool)
  /// It will never be accepted.
  case dead
}

/// What else is known of a channel when an answer of it is judged.
package struct Circumstances: Hashable, Sendable {
  /// Nothing else is due: with calls to spare, quick is better than few.
  package var isIdle: Bool
  /// Nothing else waits at all, and nothing is in flight.
  package var isAlone: Bool
  package var health: Health

  package init(isIdle: Bool, isAlone: Bool, health: Health) {
    self.isIdle = isIdle
    self.isAlone = isAlone
    self.health = health
  }

  /// Whether this lane is all that is left, and all that has been refused.
  func isSole(_ lane: Int) -> Bool {
    isAlone && (health.refusals == 0 || health.refusedLane == lane)
  }
}

/// The outcome of a call for each of its lanes.
package struct Settlement: Hashable, Sendable {
  /// The earliest moment each lane may be in another call; nil when the call never left and the
  /// slot each lane had before still stands.
  package let slot: Moment?
  package let fates: [Fate]

  package init(slot: Moment?, fates: [Fate]) {
    self.slot = slot
    self.fates = fates
  }
}

extension SentCall {
  /// What `verdict` means for each lane; `dice` is a random number.
  package func settle(
    _ answer: Answer, _ verdict: Verdict, at now: Moment, _ circumstances: Circumstances,
    dice: UInt64
  ) -> Settlement {
    let slot = Kind.preview.pace.slot(
      after: answer, started: started, timeout: timeout, at: now)
    let soon = slot ?? now
    let fates: [Fate] =
      switch verdict {
      case .delivered: lanes.map { _ in .delivered }
      case .refused(let isDocumented):
        isolate(
          answer, isDocumented ? .ofContent : .undocumented, soon: soon, at: now, circumstances,
          dice: dice)
      case .tryAgain, .foreign: failed(soon: soon, at: now, circumstances, dice: dice)
      case .unreachable: lanes.map { .again(ready: $0.ready, $0.trials) }
      case .limited: limited(soon: soon, at: now, circumstances, dice: dice)
      // No code of the previews' API means one of the last five.
      case .quotaSpent, .tokenRefused, .parked, .outOfOrder, .alreadyKnown, .busy, .gone, .unfit:
        lanes.map { .again(ready: soon, $0.trials) }
      }
    return Settlement(slot: slot, fates: fates)
  }

  /// Nothing is known to be wrong with what was sent.
  private func failed(
    soon: Moment, at now: Moment, _ circumstances: Circumstances, dice: UInt64
  ) -> [Fate] {
    var deathsLeft = circumstances.health.deathsLeft
    return lanes.map { lane in
      let next = Retrying.after(
        .ofNothing, lane.trials, recoveredAt: circumstances.health.recoveredAt, isAlone: false,
        at: now)
      if next.isSpent && deathsLeft > 0 {
        deathsLeft -= 1
        return .dead
      }
      let wait = Retrying.wait(after: .ofNothing, next.trials, at: now, dice: dice)
      return .again(ready: max(soon, now + wait), next.trials)
    }
  }

  /// One token that somebody else refreshes as well is refused each time, and so are those that go with
  /// it. From the second time on they go apart, and what is refused alone comes ever more rarely.
  private func limited(
    soon: Moment, at now: Moment, _ circumstances: Circumstances, dice: UInt64
  ) -> [Fate] {
    let parts = parts(isIdle: circumstances.isIdle)
    // Where nothing else goes through either, it is none of these lanes.
    let isOurs = circumstances.isAlone || circumstances.health.failures == 0
    return lanes.indices.map { index in
      let trials = lanes[index].trials.limited
      if trials.limits < 2 { return .again(ready: soon, trials) }
      // Also where nobody can tell: what waits behind it goes first then, and shows whether it is this one.
      let wait =
        lanes.count > 1 ? 0 : Backoff.limit.wait(afterFailures: trials.limits, dice: dice)
      let ready = max(soon, now + wait)
      return isOurs
        ? .suspect(group: parts[index], ready: ready, trials) : .again(ready: ready, trials)
    }
  }

  /// One by one is quickest and takes `count` calls; halving takes about 2 log2(count), and as many
  /// slots of waiting. With calls to spare, quick is better.
  private func parts(isIdle: Bool) -> [Int] {
    let oneByOne = isIdle || lanes.count <= 3
    let half = (lanes.count + 1) / 2
    return lanes.indices.map { oneByOne ? $0 : $0 / half }
  }

  /// One malformed token or open_id has the whole call refused. The one is found by asking again in
  /// smaller parts, which costs the others no attempt.
  private func isolate(
    _ answer: Answer, _ evidence: Evidence, soon: Moment, at now: Moment,
    _ circumstances: Circumstances, dice: UInt64
  ) -> [Fate] {
    let deathsLeft = circumstances.health.deathsLeft
    // Nothing more dies, so there is nothing to look for either; but for what has been counted already.
    if deathsLeft == 0, lanes.count > 1 || !circumstances.health.suspects.contains(lanes[0].id) {
      return lanes.map { .again(ready: soon, $0.trials.failing(evidence, at: now)) }
    }
    if let named = named(in: answer), lanes.count <= deathsLeft {
      return lanes.map {
        .peopleRefused(named, strikes: 0, isCertain: isCertain($0, circumstances))
      }
    }
    guard lanes.count == 1, let lane = lanes.first else {
      // A code that nobody knows, where nothing else works either: apart, they would only take more
      // calls once it does.
      if evidence == .undocumented, circumstances.health.isFailing, !circumstances.isAlone {
        return lanes.map { .again(ready: soon, $0.trials.failing(evidence, at: now)) }
      }
      return zip(lanes, parts(isIdle: circumstances.isIdle)).map {
        .suspect(group: $1, ready: soon, $0.trials.failing(evidence, at: now))
      }
    }
    if let people = audience.count, people > 1 { return [.narrower(peopleMax: people / 2)] }
    // It cannot be made smaller. Once may be chance, or the beginning of an outage.
    let next = Retrying.after(
      evidence, lane.trials, recoveredAt: circumstances.health.recoveredAt,
      isAlone: !lane.isProven && circumstances.isSole(lane.id), at: now)
    if next.isSpent { return [refused(lane, isCertain(lane, circumstances))] }
    let wait =
      evidence == .ofContent
      ? 0 : Retrying.wait(after: evidence, next.trials, at: now, dice: dice)
    return [.suspect(group: 0, ready: max(soon, now + wait), next.trials)]
  }

  /// What is to blame when a token was refused again and again, for everyone or for one person.
  private func refused(_ lane: SentLane, _ isCertain: Bool) -> Fate {
    guard case .people = audience, let wanted = lane.wants.count else { return .dead }
    if lane.isProven {
      return .peopleRefused(audience, strikes: 0, isCertain: isCertain)
    }
    // Nothing for this token has gone through yet. When a third person alone is refused as well, it
    // is the token.
    let strikes = lane.strikes + 1
    return strikes >= 3 || wanted == 1
      ? .dead : .peopleRefused(audience, strikes: strikes, isCertain: false)
  }

  private func isCertain(_ lane: SentLane, _ circumstances: Circumstances) -> Bool {
    lane.trials.failingSince.map { circumstances.health.recoveredAt > $0 } ?? false
  }

  /// The people whom the answer names, when its code is about people and it does not just repeat all
  /// that was sent.
  private func named(in answer: Answer) -> Audience? {
    guard case .reply(let reply) = answer, let code = reply.code,
      KnownCode.aboutPeople.contains(code), case .people(let people) = audience
    else { return nil }
    let words = Set(
      reply.objections.split { !($0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0))) })
    let named = people.filter { words.contains($0[...]) }
    return named.isEmpty || named.count == people.count ? nil : .people(named)
  }
}
