import Delivery
import Larkspur
import Planning

/// What comes from the shared queue into the local one.
extension SharedRun {
  func pull() throws(LogError) {
    let (snapshot, asks) = try log.pull(since: pulled)
    pace.hasPulled(isWoken: log.hears, at: now)
    if asks.isEmpty {
      pulled = snapshot
      return
    }
    pace.noteActivity(at: now)
    let registered = try log.registered(for: asks)
    try receive { () throws(StoreError) in try insert(asks, registered) }
    // Not before they are here: what fails above is pulled again.
    pulled = snapshot
  }

  private func insert(_ asks: [SharedAsk], _ registered: String?) throws(StoreError) {
    if let registered { try store.register(registered) }
    for ask in asks { try store.insert(ask) }
  }

  /// Does what a person has said.
  func hear() throws(LogError) {
    let (snapshot, words) = try log.hear(since: heard)
    if !words.isEmpty {
      pace.noteActivity(at: now)
      let retried = words.compactMap { if case .retry(let ask) = $0 { ask } else { nil } }
      let asks = retried.isEmpty ? [] : try log.pullAgain(retried)
      let registered = try log.registered(for: asks)
      let moment = store.clocks.queue(now)
      try receive { () throws(StoreError) in
        for word in words {
          switch word {
          case .cancel(let ask): try store.cancel(ask: ask, at: moment)
          case .resume(let account): try store.resume(account: account)
          case .retry: break
          }
        }
        if let registered { try store.register(registered) }
        for ask in asks { try store.retry(ask) }
      }
    }
    heard = snapshot
  }

  /// Accounts that are this run's from now on, with all that may still count of them.
  func arrive(_ arrived: [String]) throws(LogError) {
    let names = arrived.filter { !held.contains($0) }
    if names.isEmpty { return }
    let calls = try log.inherited(names, oldestLook: looks.oldest)
    let remembered = try log.remembered(names)
    // It brings news of the other accounts as well, for there is one snapshot for all.
    let (snapshot, asks) = try log.pull(since: pulled, taken: names)
    let registered = try log.registered(for: asks)
    let boot = now
    let unknown = try unknownChannels(names, now: boot)
    let moment = store.clocks.queue(boot)
    try receive { () throws(StoreError) in
      for inherited in calls {
        let call = pastCall(inherited, now: boot)
        try store.insert(call, longestCall: Worker.longestCall, at: moment)
      }
      try insert(asks, registered)
      try store.remember(remembered, at: moment)
      for channel in unknown { try pause(channel) }
    }
    pulled = snapshot
    held.formUnion(names)
    pace.noteActivity(at: boot)
  }

  /// Channels whose limits count longer than this run has looked on, and which others have used. They wait until it is
  /// known what counts: after a cold start a minute, for cards and sessions.
  private func unknownChannels(_ names: [String], now: BootMoment) throws(LogError) -> [Unknown] {
    guard let began = looks.began else { return [] }
    let channels = configured.filter { names.contains($0.name) }.flatMap { account in
      Kind.allCases.map { kind in
        Unknown(
          account: account.name, kind: kind,
          until: began + (account.limits(of: kind).map(\.span).max() ?? 0))
      }
    }.filter { $0.until > now }
    if channels.isEmpty { return [] }
    let called = try log.haveCalled(channels.map(\.name))
    return channels.filter { called.contains($0.name) }
  }

  private struct Unknown {
    let account: String
    let kind: Kind
    let until: BootMoment

    var name: SharedLog.ChannelName { .init(account: account, api: kind.api.rawValue) }
  }

  private func pause(_ channel: Unknown) throws(StoreError) {
    try store.pause(
      Channel(account: try store.account(channel.account), kind: channel.kind),
      until: store.clocks.queue(channel.until),
      why: "what other workers have sent in the last minute is not known yet")
  }

  private func pastCall(_ inherited: SharedLog.Inherited, now: BootMoment) -> PastRunsCall {
    let call = inherited.call
    let date: PastRunsCall.Date
    if let answered = call.answered {
      date = .answered(store.clocks.queue(looks.latestCommit(of: answered, now: now)))
    } else {
      let claimed = looks.latestCommit(of: call.claimed, now: now) + Self.drift
      orphans.append(
        Orphan(
          account: inherited.account, run: inherited.run, call: inherited.id,
          isOver: claimed + Worker.longestCall))
      date = .claimed(store.clocks.queue(claimed))
    }
    return PastRunsCall(
      account: inherited.account, api: inherited.api, lanes: inherited.lanes, date: date)
  }

  /// How far two machines' clocks can run apart during the longest call and the slot after it: 0.1 % of 20 s.
  private static let drift: Span = 20
}

/// A call of a dead run that has no answer.
struct Orphan {
  let account: String
  let run: Int
  let call: Int
  /// When it can no longer arrive.
  let isOver: BootMoment

  var answer: String {
    JSONText.object([
      ("run", String(run)), ("id", String(call)), ("outcome", JSONText.string("unknown")),
      ("message", JSONText.string("the run ended before the answer came")),
    ])
  }
}
