/// Judges the answer to a call that several lanes share.
struct LaneJudging {
  let audience: Audience
  let lanes: [ClaimedLane]
  let answer: Answer
  /// The earliest moment of the lanes' next call.
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
    // The previews' API has no code for the last five.
    case .quotaSpent, .tokenRefused, .ticketRefused, .parked, .outOfOrder, .alreadyKnown, .busy,
      .gone, .unfit:
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

  /// A token that something else refreshes too is refused every time, together with the lanes in
  /// its call. From the second refusal on the lanes go apart, and a lane refused alone is tried
  /// less and less often.
  private var limited: [Fate] {
    let parts = parts
    // If nothing else gets through either, these lanes are not the cause.
    let isOurs = circumstances.isAlone || circumstances.health.failures == 0
    return lanes.indices.map { index in
      let trials = lanes[index].trials.limited
      if trials.limits < RetryPolicy.limitsTogether { return .again(ready: soon, trials) }
      // The wait also applies when the cause is unclear. The lanes behind this one then go first
      // and show whether it is the cause.
      let wait =
        lanes.count > 1 ? 0 : RetryPolicy.limit.wait(afterFailures: trials.limits, dice: dice)
      let ready = max(soon, now + wait)
      return isOurs
        ? .suspect(group: parts[index], ready: ready, trials) : .again(ready: ready, trials)
    }
  }

  /// Trying the lanes one by one is quickest and takes `count` calls. Halving takes about 2
  /// log2(count) calls, each after a slot of waiting. With calls to spare, quick is better.
  private var parts: [Int] {
    let oneByOne = circumstances.isIdle || lanes.count <= 3
    let half = (lanes.count + 1) / 2
    return lanes.indices.map { oneByOne ? $0 : $0 / half }
  }

  /// One malformed token or open_id makes the server refuse the whole call. It is found by retrying
  /// smaller parts, which costs the other lanes no attempt.
  private func isolate(_ evidence: Evidence) -> [Fate] {
    let deathsLeft = circumstances.health.deathsLeft
    // Nothing more may die, so there is no point in searching, except in a lane that is already
    // counted as a suspect.
    if deathsLeft == 0, lanes.count > 1 || !circumstances.health.suspects.contains(lanes[0].id) {
      return lanes.map { .again(ready: soon, $0.trials.failing(evidence, at: now)) }
    }
    if let named, lanes.count <= deathsLeft {
      return lanes.map {
        .peopleRefused(named, strikes: 0, isCertain: isCertain($0))
      }
    }
    guard lanes.count == 1, let lane = lanes.first else {
      // An unknown code while nothing else works either. Separate calls would only cost more once
      // the channel works again.
      if evidence == .undocumented, circumstances.health.isFailing, !circumstances.isAlone {
        return lanes.map { .again(ready: soon, $0.trials.failing(evidence, at: now)) }
      }
      return zip(lanes, parts).map {
        .suspect(group: $1, ready: soon, $0.trials.failing(evidence, at: now))
      }
    }
    if let people = audience.count, people > 1 { return [.narrower(peopleMax: people / 2)] }
    // It cannot be made smaller. One refusal may be chance, or the start of an outage.
    let next = Retrying.after(
      evidence, lane.trials, recoveredAt: circumstances.health.recoveredAt,
      isAlone: !lane.isProven && circumstances.isSole(lane.id), at: now)
    if next.isSpent { return [refused(lane, evidence)] }
    let wait =
      evidence == .ofContent
      ? 0 : Retrying.wait(after: evidence, next.trials, at: now, dice: dice)
    return [.suspect(group: 0, ready: max(soon, now + wait), next.trials)]
  }

  /// What is to blame for repeated refusals of a call with one token, to everyone or to one user.
  private func refused(_ lane: ClaimedLane, _ evidence: Evidence) -> Fate {
    guard case .people = audience, let wanted = lane.wants.count else {
      return isTokens(lane, evidence) ? .tokenRefused : .dead()
    }
    if lane.isProven {
      return .peopleRefused(audience, strikes: 0, isCertain: isCertain(lane))
    }
    // No call for this token has succeeded yet. If a third user alone is refused as well, it is the
    // token.
    let strikes = lane.strikes + 1
    if strikes >= RetryPolicy.strikes { return isTokens(lane, evidence) ? .tokenRefused : .dead() }
    // Of a single user, nobody can tell.
    return wanted == 1 ? .dead() : .peopleRefused(audience, strikes: strikes, isCertain: false)
  }

  /// Whether the refusal is about this token, and not what an outage looks like. While nothing
  /// succeeds, only the first lane that is refused is believed, and only if the code is documented.
  private func isTokens(_ lane: ClaimedLane, _ evidence: Evidence) -> Bool {
    if isAboutPeople { return false }
    let health = circumstances.health
    let isFirst = health.refusals == 0 || health.refusedLane == lane.id
    return isCertain(lane) || evidence == .ofContent && isFirst
  }

  private var isAboutPeople: Bool {
    guard case .reply(let reply) = answer, let code = reply.code else { return false }
    return KnownCode.aboutPeople.contains(code)
  }

  private func isCertain(_ lane: ClaimedLane) -> Bool {
    lane.trials.failingSince.map { circumstances.health.recoveredAt > $0 } ?? false
  }

  /// The users whom the answer names, if its code is about open_ids and it does not just repeat all
  /// that were sent.
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
