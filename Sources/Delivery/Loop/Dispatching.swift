import Larkspur
import Planning

/// Turns lanes that are due into calls that may be sent.
extension Worker {
  /// Claims calls for what is due and allowed: first those that may leave now, then those that may
  /// leave soon.
  func claim(at now: Moment) throws(StoreError) -> [Departure] {
    var departures: [Departure] = []
    try claim(at: now, ahead: 0, &departures)
    let lead = lead(at: now)
    if lead > 0, !isFull(departures, since: now) {
      try claim(at: now, ahead: lead, &departures)
    }
    return departures
  }

  /// Goes through the channels, starting with the one whose last call is longest ago. What does not
  /// fit in this turn is left to the next.
  private func claim(
    at now: Moment, ahead lead: Span, _ departures: inout [Departure]
  ) throws(StoreError) {
    refreshTimers(at: now)
    let due = timers.due(at: now).flatMap { accounts[$0].channels.values }
      .sorted { ($0.lastTurn, $0.channel) < ($1.lastTurn, $1.channel) }
    for channel in due {
      while !isFull(departures, since: now),
        let departure = try claimOne(channel.channel, at: now, ahead: lead)
      {
        departures.append(departure)
        world.progress()
      }
      if isFull(departures, since: now) { return }
    }
  }

  /// Limits a turn to some milliseconds of work. Nobody else can write meanwhile, and calls that
  /// leave all at once delay each other.
  private static let callsPerTurn = 25
  private static let claimingPerTurn: Span = 30

  /// A turn claims at least one call, however long it has already taken.
  private func isFull(_ departures: [Departure], since began: Moment) -> Bool {
    departures.count >= Self.callsPerTurn
      || !departures.isEmpty && now() - began > Self.claimingPerTurn
  }

  private func claimOne(
    _ channel: Channel, at now: Moment, ahead lead: Span
  ) throws(StoreError) -> Departure? {
    let account = accounts[channel.account]
    let known = account[channel.kind]
    let order = account.mayOpen(
      known, .init(month: state.month, lead: lead, horizon: horizon), at: now)
    guard !order.isEmpty, let earliest = known.budget.opens(at: now),
      let bearer = try bearer(for: channel, at: now)
    else { return nil }
    var settled = Settled()
    let call = try store.claim(
      channel, order, afterMany: known.afterMany, packing: account.settings.packing,
      isProbe: known.record.health.isRefusing,
      packingTerms(account.settings, at: now), at: now, horizon: min(now, horizon),
      timeout: longestCall, &settled)
    count(settled, account: account.settings.name, channel.kind, .none)
    accounts[channel].next = try store.nextReady(channel)
    guard let call else { return nil }
    state.turns += 1
    accounts[channel].began(at: earliest, call.opener, turn: state.turns)
    accounts[channel].countCall(monthEnds: state.month.ends, at: now)
    showQuota(of: channel.account, at: now)
    state.result.progress.calls += 1
    let request = FeishuWire.request(
      channel.kind, host: account.settings.host, lanes: call.lanes.map(\.name),
      body: try body(of: call), bearer: bearer)
    return depart(
      call.id, channel.account, .lanes(call, bearer: bearer), request, earliest: earliest,
      at: now)
  }

  /// The body of a parcel is stored before it is first sent, so that every retry sends the same
  /// bytes.
  private func body(of call: ClaimedCall) throws(StoreError) -> String {
    switch call.load {
    case .audience(let audience): return Preview.body(call.lanes.map(\.name), for: audience)
    case .parcel(let parcel, _):
      if let body = parcel.body, !body.isEmpty { return body }
      try store.keep(body: parcel.newBody, of: call)
      return parcel.newBody
    }
  }

  func packingTerms(_ settings: AccountSettings, at now: Moment) -> PackingTerms {
    PackingTerms(
      joins: settings.joins, secondsSince1970: store.clocks.wall(now).ms / 1_000,
      dice: [world.random(), world.random()])
  }

  func depart(
    _ call: Int, _ account: Int, _ cargo: UnderWay.Cargo, _ request: Request, earliest: Moment,
    at now: Moment
  ) -> Departure {
    calls.insert(
      UnderWay(
        account: account, settings: accounts[account].settings, cargo: cargo, started: now,
        sentBytes: request.body.count),
      for: call)
    accounts[account].callsUnderWay += 1
    var request = request
    request.trust = accounts[account].settings.trust
    return Departure(call: call, request: request, earliest: earliest)
  }
}

/// A call that is on disk and has to be sent.
struct Departure {
  let call: Int
  let request: Request
  /// The budget does not let it leave before this moment.
  let earliest: Moment
}
