/// A channel's budget, pauses and quota, in memory: what its lanes' calls wait for. The part that
/// must survive the run is in `record`.
package struct ChannelState: Sendable {
  package let channel: Channel
  package var budget: Budget
  package var record: ChannelRecord
  /// The record as it is on disk. Most calls change nothing, and an unchanged record is not
  /// written.
  package var recordOnDisk: ChannelRecord
  /// When the first of its lanes became or becomes due.
  package var next = NextReady()
  /// Nil when none is waiting.
  package var nextReady: Moment? { next.any }
  /// How many of its last calls in a row were opened by urgent lanes.
  package var urgentInARow = 0
  /// For which urgency the last call was opened by one of many previews of a key.
  package var afterMany: Set<Urgency> = []
  package var callsUnderWay = 0
  /// After a pause, calls go one at a time until one shows that the problem is over.
  package var isOnProbation: Bool { hasPaused || record.health.probes != nil }
  private var hasPaused = false
  /// A pause for another reason that a longer one hides. It goes on if the longer one ends early.
  private var covered: Pause?
  /// What went wrong with the last call. Nil once one has succeeded.
  package var trouble: String?
  /// When to check whether a refused user access token has been replaced. Nil when it is good.
  package var nextTokenLook: Moment?
  /// When the clock last moved to another month.
  private var monthTurned: Moment = .min
  /// When it last made a call, as a count of all calls of this run. The channel whose last call is
  /// the oldest goes next.
  package var lastTurn = 0

  package init(channel: Channel, limits: [Budget.Limit], record: ChannelRecord, recent: [PastCall])
  {
    self.channel = channel
    budget = Budget(limits)
    self.record = record
    recordOnDisk = record
    hasPaused = record.spentMonth != nil
    count(recent, within: limits)
  }

  /// When the next call may be written down, whatever the lanes say, if a lane opens it that is as
  /// urgent as that. That is up to `lead` before the budget lets it leave. A pause is not shortened by
  /// `lead`, because a person may still change something during it.
  package func opening(
    of account: AccountStanding, _ urgency: Urgency = .ordinary, at now: Moment, ahead lead: Span
  ) -> Opening {
    var opening = Opening(at: now)
    if !account.isConfigured { opening.wait(for: .unconfigured, until: nil) }
    if let parked = account.parked {
      if now < parked.probe {
        opening.wait(for: .parked, until: parked.probe)
      } else if account.callsUnderWay > 0 {
        // One call at a time shows whether the problem is fixed.
        opening.wait(for: .parked, until: nil)
      }
    }
    if channel.kind.rules.hasQuota, let end = account.quotaEnd {
      opening.wait(for: .quota, until: end)
    }
    if channel.kind.rules.hasQuota, urgency == .ordinary, let end = account.reservedUntil {
      opening.wait(for: .reserve, until: end)
    }
    if let moment = account.tokenFrom { opening.wait(for: .credentials, until: moment) }
    opening.wait(for: record.pausedFor.blocker, until: record.pausedUntil)
    if isOnProbation && callsUnderWay > 0 { opening.wait(for: .paused, until: nil) }
    let opens = budget.opens(at: now)
    opening.wait(for: .budget, until: opens.map { $0 > now ? max(now, $0 - lead) : $0 })
    return opening
  }

  /// A call was claimed that leaves at `moment`.
  package mutating func began(
    at moment: Moment, _ opener: LaneTurn = LaneTurn(.ordinary, at: .zero), turn: Int
  ) {
    budget.begin(at: moment)
    callsUnderWay += 1
    urgentInARow = opener.urgency == .urgent ? urgentInARow + 1 : 0
    if opener.isOneOfMany {
      afterMany.insert(opener.urgency)
    } else {
      afterMany.remove(opener.urgency)
    }
    lastTurn = turn
  }

  /// A person has changed the record on disk.
  package mutating func reload(
    _ record: ChannelRecord, month: Int, ends: Moment, at now: Moment
  ) {
    self.record = record
    recordOnDisk = record
    turnMonth(to: month, ends: ends, at: now)
    lookForUserToken(at: now)
  }

  /// Starts a new budget with the calls that still count against it. Round trips are learned again.
  package mutating func count(_ recent: [PastCall], within limits: [Budget.Limit]) {
    budget = Budget(limits, refusedAt: record.limitedAt)
    for call in recent.sorted(by: { $0.left < $1.left }) { budget.remember(call) }
  }

  /// Checks at once whether a refused user access token has been replaced.
  package mutating func lookForUserToken(at now: Moment) {
    nextTokenLook = record.refusedMark == nil ? nil : now
  }

  /// A person has changed the app or the host: calls may go at once.
  package mutating func resume() {
    record.resume()
    trouble = nil
  }

  /// A call that left at `started` succeeded. If it left before a pause began, the server may have
  /// carried it out before whatever it paused for, so the pause and the trial call after it stay.
  package mutating func succeeded(started: Moment, at now: Moment) {
    record.health.succeeded(at: now)
    trouble = nil
    if started < record.pausedUntil { return }
    record.spentMonth = nil
    hasPaused = false
  }

  /// A call failed, and the channel may have to pause. `wait` is how long the server asks the
  /// client to wait, if it does.
  package mutating func failed(
    _ failing: Failing, wait: Span? = nil, why: String, started: Moment, at now: Moment,
    dice: UInt64
  ) {
    let own = record.health.failed(failing, started: started, at: now, dice: dice)
    if failing == .limit {
      budget.refused(at: now)
      record.limitedAt = now
    }
    trouble = record.health.isRefusing ? Self.refusing + why : why
    if let span = wait ?? own { pause(until: now + span, why: trouble ?? why) }
  }

  static let refusing = "everything is refused: "

  package mutating func pause(
    until moment: Moment, for reason: PauseReason = .paused, why: String
  ) {
    hasPaused = true
    let (current, asked) = (Pause(record), Pause(until: moment, reason: reason, why: why))
    record.pause(until: moment, for: reason, why: why)
    if current.reason == reason { return }
    let shorter = moment > current.until ? current : asked
    if shorter.until > covered?.until ?? .zero { covered = shorter }
  }

  /// Whatever this reason has paused may go, but not what was paused for another reason meanwhile.
  package mutating func endPause(for reason: PauseReason, at now: Moment) {
    guard record.pausedFor == reason else { return }
    record.endPause()
    if let covered, covered.until > now, covered.reason != reason {
      record.pause(until: covered.until, for: covered.reason, why: covered.why)
    }
    covered = nil
  }

  /// The cause of the pause is gone.
  package mutating func endPause() {
    record.endPause()
    record.refusedMark = nil
    nextTokenLook = nil
  }
}

private struct Pause: Sendable {
  let until: Moment
  let reason: PauseReason
  let why: String

  init(until: Moment, reason: PauseReason, why: String) {
    self.until = until
    self.reason = reason
    self.why = why
  }

  init(_ record: ChannelRecord) {
    self.init(
      until: record.pausedUntil, reason: record.pausedFor, why: record.pausedWhy ?? "")
  }
}

extension ChannelState {
  package mutating func turnMonth(to month: Int, ends: Moment, at now: Moment) {
    if month == record.months.shown.number { return }
    let isEmpty = record.months.shown.calls == 0 && record.months.other == nil
    record.months.turn(to: month, ends: ends, at: now)
    monthTurned = now
    // A count of zero is not worth writing down.
    if isEmpty { recordOnDisk.months = record.months }
  }

  package mutating func countCall(monthEnds: Moment, at now: Moment) {
    record.months.count(ends: monthEnds, at: now)
  }

  /// The quota does not count calls that never left or that failed with 4xx or 5xx. Once the month
  /// has changed, it is no longer known in which months the call was counted, so it is not taken
  /// back.
  package mutating func uncountCall(started: Moment) {
    if started >= monthTurned { record.months.giveBack() }
  }
}

/// What an account's channels have in common at one moment.
package struct AccountStanding: Hashable, Sendable {
  /// Whether the account is in the worker's configuration.
  package var isConfigured: Bool
  package var parked: Parked?
  package var callsUnderWay: Int
  /// When the account may make calls again, if its own quota is used up.
  package var quotaEnd: Moment?
  /// When lanes that are not urgent may go again, if the rest of the month's calls is kept for
  /// urgent ones.
  package var reservedUntil: Moment?
  /// When an access token may be asked for again, if the channel has none.
  package var tokenFrom: Moment?

  package init(
    isConfigured: Bool = true, parked: Parked?, callsUnderWay: Int, quotaEnd: Moment?,
    reservedUntil: Moment? = nil, tokenFrom: Moment? = nil
  ) {
    self.isConfigured = isConfigured
    self.parked = parked
    self.callsUnderWay = callsUnderWay
    self.quotaEnd = quotaEnd
    self.reservedUntil = reservedUntil
    self.tokenFrom = tokenFrom
  }
}
