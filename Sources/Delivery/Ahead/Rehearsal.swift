import Larkspur
import Planning

/// The worker's loop, run ahead on a copy of the queue. It answers what will happen, assuming that
/// nothing new is asked for, that nothing is refused, and that calls take as long as usual.
package final class Rehearsal {
  /// A call that the worker will make.
  package struct Call: Sendable {
    package let id: Int
    package let channel: Channel
    package let at: Moment
    package let lanes: [(id: Int, name: String)]
    /// Nil for kinds that share no calls.
    package let audience: Audience?
    /// False if lanes that were not copied could change it.
    package let isExact: Bool
    /// What it waited for last; nil if it leaves at once.
    package let decides: Opening.Reason?
  }

  package private(set) var calls: [Call] = []
  /// The moment at which the rehearsal begins.
  package let began: Moment
  /// Why each channel may not call at that moment.
  package let openings: [Channel: Opening]
  /// Calls that had no answer then.
  package let underWay: [FoundCall]
  private let worker: Worker
  private let world: RehearsedWorld
  private let knownUntil: [Channel: KnownUntil]
  private let habits: Habits
  private var inexact: Set<Channel> = []
  /// Accounts that have waited for an answer of which nobody knows how long it usually takes.
  private var guessed: Set<Int> = []
  /// When the last answer so far comes, by account, and when the last access token does.
  private var answered: [Int: Moment] = [:]
  private var tokens: [Int: (asked: Moment, given: Moment)] = [:]
  private let monthEnds: Moment
  private var callsMost = Int.max
  private var isEnough: (Call) -> Bool = { _ in false }

  /// No quota lasts longer than a month.
  private static let longest: Span = .days(40)

  /// With `isRunning`, a worker is at work, and the loop goes on from where it is. Otherwise it
  /// begins as a new run would.
  package init(
    _ copy: QueueCopy, _ accounts: [StoredAccount], isRunning: Bool, _ reading: ClockReading
  ) throws(StoreError) {
    (knownUntil, habits) = (copy.knownUntil, copy.habits)
    world = RehearsedWorld(reading, end: reading.sinceBoot + Self.longest)
    worker = Worker(
      store: copy.store, world: world, accounts: accounts.map { AccountSettings($0) },
      mode: WorkMode(goal: .stay), callTimeout: Worker.callTimeout,
      readSecret: { _ in .success("rehearsed") }, report: { _ in })
    worker.keepsHouse = false
    if isRunning {
      underWay = try copy.store.callsUnderWay(timeout: worker.longestCall)
      let tokens = accounts.compactMap { known in known.tokenExpires.map { (known.id, $0) } }
      worker.inheritance = Inheritance(
        calls: underWay, tokens: Dictionary(tokens) { first, _ in first }, habits: habits)
    } else {
      underWay = []
    }
    try worker.start()
    began = worker.now()
    openings = worker.openings(at: began)
    monthEnds = worker.state.month.ends
    worker.leaveOut(accounts.filter(\.needsPerson).map(\.id))
    world.nextNeed = { [unowned self] in nextNeed() }
    world.onDeparture = { [unowned self] tag, moment in note(tag, moment) }
    for found in underWay {
      let usual = usual(found.account, found.call?.channel.kind.api ?? .auth)
      world.answer(found.id, at: worker.store.clocks.boot(found.started + usual))
      if found.call != nil { answered[found.account] = max(began, found.started + usual) }
    }
  }

  /// Whether everything that waits was copied.
  package var isComplete: Bool { knownUntil.isEmpty }

  /// When the last answer to a call of this account comes, as far as the loop has run.
  package func lastAnswer(of account: Int) -> Moment? { answered[account] }

  /// How many lanes of the account still wait in the copy.
  package func lanesLeft(of account: Int) throws(StoreError) -> [Kind: Int] {
    try worker.store.waitingLanes(of: account)
  }

  /// Runs until a call satisfies `isEnough`, until `callsMost` calls were made in all, or until
  /// nothing is left to do.
  package func run(
    callsMost: Int, until isEnough: @escaping (Call) -> Bool = { _ in false }
  ) throws(StoreError) {
    self.callsMost = callsMost
    self.isEnough = isEnough
    _ = try worker.run()
  }

  /// How long an answer takes, as far as it is known.
  private func usual(_ account: Int, _ api: API) -> Span {
    if !habits.isKnown(account, api) { guessed.insert(account) }
    return habits.median(account, api)
  }

  private func nextNeed() -> BootMoment? {
    let now = worker.now()
    guard worker.hasUnsettledCalls || worker.hasMoreToDo else { return nil }
    return worker.store.clocks.boot(worker.nextLook(at: now, atMost: now + Self.longest))
  }

  private func note(_ tag: Int, _ moment: BootMoment) -> Span {
    let underWay = worker.calls[tag]
    let at = worker.store.clocks.queue(moment)
    guard case .lanes(let claimed, _) = underWay.cargo else {
      let usual = usual(underWay.account, .auth)
      tokens[underWay.account] = (at, at + usual)
      return usual
    }
    let channel = claimed.channel
    if let known = knownUntil[channel], claimed.lanes.contains(where: { known.isBefore($0.turn) }) {
      inexact.insert(channel)
    }
    let call = Call(
      id: tag, channel: channel, at: at,
      lanes: claimed.lanes.map { ($0.id, $0.name) }, audience: claimed.audience,
      isExact: !inexact.contains(channel) && !guessed.contains(channel.account),
      decides: decider(of: claimed, at: at))
    calls.append(call)
    if calls.count >= callsMost || isEnough(call) { world.stop() }
    let usual = usual(channel.account, channel.kind.api)
    answered[channel.account] = max(answered[channel.account] ?? .min, call.at + usual)
    return usual
  }

  /// What a call waited for last. On this clock a call leaves at the very moment at which it may, so
  /// that is what ended then. The budget is the rest: it has no moment of its own.
  private func decider(of claimed: ClaimedCall, at moment: Moment) -> Opening.Reason? {
    let token = tokens[claimed.channel.account]
    var may = moment
    // A token is fetched once there is something to send with it, so that decides.
    if let token, moment - token.given <= Self.turn { may = token.asked }
    if may <= began { return may < moment ? .credentials : nil }
    let record = worker.accounts[claimed.channel].record
    var ends = claimed.lanes.map { ($0.ready, $0.lastWait) }
    ends.append((record.pausedUntil, record.pausedFor.blocker))
    if claimed.channel.kind.rules.hasQuota {
      // Where calls are kept for urgent lanes, the others wait for these first.
      let isKept = worker.accounts[claimed.channel.account].settings.quotaReserve > 0
      ends.append((monthEnds, isKept && claimed.opener.urgency == .ordinary ? .reserve : .quota))
    }
    let last = ends.filter { $0.0 <= may }.max { $0.0 < $1.0 }
    guard let last, may - last.0 <= Self.turn else { return .budget }
    return last.1
  }

  /// Moments are rounded to milliseconds, some of them twice.
  private static let turn: Span = 5
}

extension ClaimedLane {
  /// What the lane itself waited for last.
  fileprivate var lastWait: Opening.Reason {
    if ready <= slot { return .slot }
    return trials.failedAt == nil ? .delay : .backoff
  }
}

extension Worker {
  /// What each channel with lanes waits for.
  fileprivate func openings(at now: Moment) -> [Channel: Opening] {
    var openings: [Channel: Opening] = [:]
    for account in accounts.all {
      for channel in account.channels.values {
        openings[channel.channel] = account.opening(
          of: channel, .ordinary, state.month, at: now, ahead: 0)
      }
    }
    return openings
  }

  /// Accounts that wait for a person make no calls.
  fileprivate func leaveOut(_ ids: [Int]) {
    for id in ids where accounts.find(id) != nil { accounts[id].isConfigured = false }
  }

  /// Whether anything waits to be sent, now or later.
  fileprivate var hasMoreToDo: Bool {
    !waiting.isEmpty || state.nextHeld != nil || !state.isFoldedUp || state.isTidying
      || state.hasStrays || !state.stale.isEmpty
  }
}
