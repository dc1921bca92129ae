/// One answer to a call that several lanes share.
struct LaneJudging {
  let audience: Audience
  let lanes: [ClaimedLane]
  let answer: Answer
  /// The earliest moment of their next call.
  let soon: Moment
  let now: Moment
  let circumstances: Circumstances
  let dice: UInt64

  func fates(_ verdict: Verdict) -> [Fate] {
    switch verdict {
    case .delivered: lanes.map { _ in .delivered }
    case .refused(let isDocumented): isolate(isDocumented ? .ofContent : .undocumented)
    case .tryAgain, .foreign: failed
    case .unreachable: lanes.map { .again(ready: $0.ready, $0.trials) }
    case .limited: limited
    // No code of the previews' API means one of the last five.
    case .quotaSpent, .tokenRefused, .parked, .outOfOrder, .alreadyKnown, .busy, .gone, .unfit:
      lanes.map { .again(ready: soon, $0.trials) }
    }
  }

  /// Nothing is known to be wrong with what was sent.
  private var failed: [Fate] {
    var deathsLeft = circumstances.health.deathsLeft
    return lanes.map { lane in
      let next = Retrying.after(
        .ofNothing, lane.trials, recoveredAt: circumstances.health.recoveredAt, isAlone: false,
        at: now)
      if next.isSpent && deathsLeft > 0 {
        deathsLeft -= 1
        return .dead()
      }
      let wait = Retrying.wait(after: .ofNothing, next.trials, at: now, dice: dice)
      return .again(ready: max(soon, now + wait), next.trials)
    }
  }

  /// One token that somebody else refreshes as well is refused each time, and so are those that go with
  /// it. From the second time on they go apart, and what is refused alone comes ever more rarely.
  private var limited: [Fate] {
    let parts = parts
    // Where nothing else goes through either, it is none of these lanes.
    let isOurs = circumstances.isAlone || circumstances.health.failures == 0
    return lanes.indices.map { index in
      let trials = lanes[index].trials.limited
      if trials.limits < RetryPolicy.limitsTogether { return .again(ready: soon, trials) }
      // Also where nobody can tell: what waits behind it goes first then, and shows whether it is this one.
      let wait =
        lanes.count > 1 ? 0 : RetryPolicy.limit.wait(afterFailures: trials.limits, dice: dice)
      let ready = max(soon, now + wait)
      return isOurs
        ? .suspect(group: parts[index], ready: ready, trials) : .again(ready: ready, trials)
    }
  }

  /// One by one is quickest and takes `count` calls; halving takes about 2 log2(count), and as many
  /// slots of waiting. With calls to spare, quick is better.
  private var parts: [Int] {
    let oneByOne = circumstances.isIdle || lanes.count <= 3
    let half = (lanes.count + 1) / 2
    return lanes.indices.map { oneByOne ? $0 : $0 / half }
  }

  /// One malformed token or open_id has the whole call refused. The one is found by asking again in
  /// smaller parts, which costs the others no attempt.
  private func isolate(_ evidence: Evidence) -> [Fate] {
    let deathsLeft = circumstances.health.deathsLeft
    // Nothing more dies, so there is nothing to look for either; but for what has been counted already.
    if deathsLeft == 0, lanes.count > 1 || !circumstances.health.suspects.contains(lanes[0].id) {
      return lanes.map { .again(ready: soon, $0.trials.failing(evidence, at: now)) }
    }
    if let named, lanes.count <= deathsLeft {
      return lanes.map {
        .peopleRefused(named, strikes: 0, isCertain: isCertain($0))
      }
    }
    guard lanes.count == 1, let lane = lanes.first else {
      // A code that nobody knows, where nothing else works either: apart, they would only take more
      // calls once it does.
      if evidence == .undocumented, circumstances.health.isFailing, !circumstances.isAlone {
        return lanes.map { .again(ready: soon, $0.trials.failing(evidence, at: now)) }
      }
      return zip(lanes, parts).map {
        .suspect(group: $1, ready: soon, $0.trials.failing(evidence, at: now))
      }
    }
    if let people = audience.count, people > 1 { return [.narrower(peopleMax: people / 2)] }
    // It cannot be made smaller. Once may be chance, or the beginning of an outage.
    let next = Retrying.after(
      evidence, lane.trials, recoveredAt: circumstances.health.recoveredAt,
      isAlone: !lane.isProven && circumstances.isSole(lane.id), at: now)
    if next.isSpent { return [refused(lane, isCertain(lane))] }
    let wait =
      evidence == .ofContent
      ? 0 : Retrying.wait(after: evidence, next.trials, at: now, dice: dice)
    return [.suspect(group: 0, ready: max(soon, now + wait), next.trials)]
  }

  /// What is to blame when a token was refused again and again, for everyone or for one person.
  private func refused(_ lane: ClaimedLane, _ isCertain: Bool) -> Fate {
    guard case .people = audience, let wanted = lane.wants.count else { return .dead() }
    if lane.isProven {
      return .peopleRefused(audience, strikes: 0, isCertain: isCertain)
    }
    // Nothing for this token has gone through yet. When a third person alone is refused as well, it
    // is the token.
    let strikes = lane.strikes + 1
    return strikes >= RetryPolicy.strikes || wanted == 1
      ? .dead() : .peopleRefused(audience, strikes: strikes, isCertain: false)
  }

  private func isCertain(_ lane: ClaimedLane) -> Bool {
    lane.trials.failingSince.map { circumstances.health.recoveredAt > $0 } ?? false
  }

  /// The people whom the answer names, when its code is about people and it does not just repeat all
  /// that was sent.
  private var named: Audience? {
    guard case .reply(let reply) = answer, let code = reply.code,
      KnownCode.aboutPeople.contains(code), case .people(let people) = audience
    else { return nil }
    let words = Set(
      reply.objections.split { !($0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0))) })
    let named = people.filter { words.contains($0[...]) }
    return named.isEmpty || named.count == people.count ? nil : .people(named)
  }
}
