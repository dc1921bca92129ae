/// A lane as it was when its call was made.
package struct SentLane: Hashable, Sendable {
  package let id: Int
  package let attempts: Int
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
    id: Int, attempts: Int = 0, ready: Moment = 0, slot: Moment = 0, wants: Audience,
    strikes: Int = 0, isProven: Bool = false
  ) {
    self.id = id
    self.attempts = attempts
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
  case again(ready: Moment, attempts: Int)
  /// It goes again only with the lanes of the same group, to find out which one is refused.
  case suspect(group: Int)
  /// It goes again alone and to no more than this many people, to find out who is refused.
  case narrower(peopleMax: Int)
  /// These people are refused; the others are not affected.
  case peopleRefused(Audience, strikes: Int)
  /// It will never be accepted.
  case dead
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
  /// What `verdict` means for each lane. `isIdle` says that nothing else waits for this budget,
  /// `isHostFailing` that calls before this one have failed as well, and `dice` is a random number.
  package func settle(
    _ answer: Answer, _ verdict: Verdict, at now: Moment, isIdle: Bool, isHostFailing: Bool,
    dice: UInt64
  ) -> Settlement {
    let slot = Kind.preview.pace.slot(
      after: answer, started: started, timeout: timeout, at: now)
    let fates: [Fate] =
      switch verdict {
      case .delivered: lanes.map { _ in .delivered }
      case .refused: isolate(answer, isIdle: isIdle)
      case .tryAgain(let most):
        lanes.map { lane in
          // Hours without Feishu must not cost a lane its life: while the host fails whatever it is
          // sent, a failure says nothing about what was in this call.
          let attempts = lane.attempts + (isHostFailing && answer.blamesHost ? 0 : 1)
          if attempts >= most { return .dead }
          let wait = Backoff.lane.wait(afterFailures: max(attempts, 1), dice: dice)
          return .again(ready: max(slot ?? 0, now + wait), attempts: attempts)
        }
      case .unreachable: lanes.map { .again(ready: $0.ready, attempts: $0.attempts) }
      // No code of the previews' API means one of the last four.
      case .limited, .quotaSpent, .tokenRefused, .parked, .outOfOrder, .alreadyKnown, .busy, .gone,
        .unfit:
        lanes.map { .again(ready: slot ?? now, attempts: $0.attempts) }
      }
    return Settlement(slot: slot, fates: fates)
  }

  /// One malformed token or open_id has the whole call refused. The one is found by asking again in
  /// smaller parts, which costs the others no attempt.
  private func isolate(_ answer: Answer, isIdle: Bool) -> [Fate] {
    if let named = named(in: answer) {
      return lanes.map { .peopleRefused(named, strikes: $0.strikes) }
    }
    guard lanes.count == 1, let lane = lanes.first else {
      // One by one is quickest and takes `count` calls; halving takes about 2 log2(count), and as
      // many slots of waiting. With calls to spare, quick is better.
      let oneByOne = isIdle || lanes.count <= 3
      let half = (lanes.count + 1) / 2
      return lanes.indices.map { .suspect(group: oneByOne ? $0 : $0 / half) }
    }
    guard let people = audience.count, let wanted = lane.wants.count else { return [.dead] }
    if people > 1 { return [.narrower(peopleMax: people / 2)] }
    if lane.isProven { return [.peopleRefused(audience, strikes: 0)] }
    // Nothing for this token has gone through yet. When a third person alone is refused as well, it
    // is the token.
    let strikes = lane.strikes + 1
    return [strikes >= 3 || wanted == 1 ? .dead : .peopleRefused(audience, strikes: strikes)]
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
