import Larkspur
import Planning

/// From asks to calls that may be sent.
extension Worker {
  /// Folds what has been asked, ends what has expired, and sees whether a person has changed
  /// something.
  func hear(at now: Moment, hasSettled: Bool) throws(SQLiteError) {
    try turnMonths(at: now)
    let version = try store.dataVersion()
    let isNews = version != state.seenVersion
    state.seenVersion = version
    if isNews {
      // What makes the row right again is not news itself.
      if try store.repairNumbers() { state.isFoldedUp = false }
      let control = try store.control()
      if control != state.seenControl { try reloadWhatAPersonMayChange(at: now) }
      state.seenControl = control
    }
    if isNews || !state.isFoldedUp || state.nextHeld.map({ $0 <= now }) ?? false {
      try fold(at: now)
    }
    // A lane that has just been answered may hold an ask whose time was up meanwhile.
    if hasSettled { state.nextExpiry = try store.nextExpiry() }
    if isExpiring(at: now) {
      state.result.progress.lanesLeft -= try store.expire(at: now, limit: Self.asksPerTurn)
      state.nextExpiry = try store.nextExpiry()
      state.stale.formUnion(state.lines.keys)
    }
  }

  /// While there is something left that has expired, nothing is sent: it might carry some of it.
  func isExpiring(at now: Moment) -> Bool { state.nextExpiry.map { $0 <= now } ?? false }

  /// Some milliseconds of work, so that what is due, and others who want to write, wait no longer
  /// for a flood.
  private static let asksPerTurn = 200

  private func fold(at now: Moment) throws(SQLiteError) {
    state.hasStrays = false
    let folded = try store.fold(at: now, limit: Self.asksPerTurn)
    state.isFoldedUp = !folded.more
    if state.isFoldedUp { try store.foldStraysInNoLane(at: now) }
    tellDeaths(folded)
    state.foldedAsk = try store.foldedAsk()
    state.result.progress.lanesLeft += folded.lanes
    for gate in folded.gates { try openLine(gate, at: now) }
    state.nextHeld = try store.nextHeldAsk()
    state.nextExpiry = try store.nextExpiry()
  }

  private func tellDeaths(_ folded: Folded) {
    for ask in folded.dead {
      state.result.asksDied += 1
      state.events.append(
        .died(
          account: ask.account, ask.kind ?? .preview, lane: ask.lane, reason: ask.reason))
    }
  }

  /// Sees to a gate that has lanes: the first time, with what earlier runs left of its budget. APIs
  /// that share a month's quota are seen to together, or one would not know what the other has used.
  func openLine(_ gate: Gate, at now: Moment) throws(SQLiteError) {
    state.stale.insert(gate)
    if state.lines[gate] != nil { return }
    guard state.accounts[gate.account] != nil else {
      if state.unknownAccounts.insert(gate.account).inserted {
        state.events.append(.unknownAccount(try store.accountName(gate.account)))
      }
      return
    }
    let kinds = gate.kind.hasQuota ? Kind.allCases.filter(\.hasQuota) : [gate.kind]
    for kind in kinds { try readLine(Gate(account: gate.account, kind: kind), at: now) }
  }

  private func readLine(_ gate: Gate, at now: Moment) throws(SQLiteError) {
    guard state.lines[gate] == nil, let account = state.accounts[gate.account] else { return }
    let limits = account.settings.limits(of: gate.kind)
    let longest = limits.map(\.span).max() ?? 0
    var line = Line(
      gate: gate, limits: limits, record: try store.budget(gate.account, gate.kind.api),
      recent: try store.recentCalls(
        gate.account, gate.kind.api, within: longest, longestCall: longestCall, at: now))
    if line.record.refusedMark != nil { line.nextTokenLook = now }
    line.turnMonth(to: month(at: now), ends: monthEnd(at: now), at: now)
    state.lines[gate] = line
    state.gates.append(gate)
    try hold(gate, at: now)
  }

  private func reloadWhatAPersonMayChange(at now: Moment) throws(SQLiteError) {
    store.forgetWhatAPersonMayChange()
    state.stale.formUnion(state.lines.keys)
    state.areLanesCounted = false
    for id in state.accounts.keys {
      let parked = try store.parked(id)
      if parked == nil, state.accounts[id]?.parked != nil {
        state.accounts[id]?.credential.forget()
      }
      state.accounts[id]?.parked = parked
      state.accounts[id]?.login = try store.budget(id, .auth)
    }
    // A person may have fixed a secret, or ended the pause that waits for it.
    for account in state.secretLooks.keys { state.secretLooks[account] = now }
    for gate in state.lines.keys {
      let record = try store.budget(gate.account, gate.kind.api)
      state.lines[gate]?.record = record
      state.lines[gate]?.recordOnDisk = record
      state.lines[gate]?.turnMonth(to: month(at: now), ends: monthEnd(at: now), at: now)
      state.lines[gate]?.nextTokenLook = record.refusedMark == nil ? nil : 0
    }
  }

  var lanesInFlight: Int {
    state.flights.values.reduce(0) { sum, call in
      if case .lanes(let flight, _) = call.cargo { sum + flight.lanes.count } else { sum }
    }
  }

  /// The earliest moment at which the next call of a line may be written down, whatever its lanes say;
  /// nil while only an answer can tell.
  func opening(of line: Line, at now: Moment) -> Moment? {
    opening(of: line, at: now, ahead: lead(at: now))
  }

  private func opening(of line: Line, at now: Moment, ahead lead: Span) -> Moment? {
    guard let account = state.accounts[line.gate.account] else { return nil }
    if let parked = account.parked {
      // One call at a time shows whether it has been mended.
      if now < parked.probe { return parked.probe }
      if account.flights > 0 { return nil }
    }
    if line.gate.kind.hasQuota, let end = quotaEnd(of: line.gate.account, at: now) { return end }
    if line.isOnProbation && line.flights > 0 { return nil }
    return line.opens(at: now, ahead: lead)
  }

  /// Looks up when lanes are due where that may have changed.
  func refreshStaleLines() throws(SQLiteError) {
    for gate in state.stale { state.lines[gate]?.nextReady = try store.nextReady(gate) }
    state.stale = []
  }

  /// Calls for what is due and allowed: first those that may leave now, then those that soon may.
  func claim(at now: Moment) throws(SQLiteError) -> [Departure] {
    var departures: [Departure] = []
    try claim(at: now, ahead: 0, &departures)
    let lead = lead(at: now)
    // A full turn has told whose turn is next; going round once more would pass that gate over.
    if lead > 0, !isFull(departures, since: now) {
      try claim(at: now, ahead: lead, &departures)
    }
    return departures
  }

  /// Gate after gate, going on where the last turn ended. What a turn has no time for is left to the
  /// next.
  private func claim(
    at now: Moment, ahead lead: Span, _ departures: inout [Departure]
  ) throws(SQLiteError) {
    for _ in state.gates.indices {
      let gate = state.gates[state.nextGate]
      state.nextGate = (state.nextGate + 1) % state.gates.count
      while !isFull(departures, since: now),
        let departure = try claimOne(gate, at: now, ahead: lead)
      {
        departures.append(departure)
        world.progress()
      }
      if isFull(departures, since: now) { return }
    }
  }

  /// Some milliseconds of work: as long as it takes, nobody else can write, and calls that leave all
  /// at once are held up by one another.
  private static let callsPerTurn = 25
  private static let claimingPerTurn: Span = 30

  /// At least one call, however long the turn has taken until then.
  private func isFull(_ departures: [Departure], since began: Moment) -> Bool {
    departures.count >= Self.callsPerTurn
      || !departures.isEmpty && now() - began > Self.claimingPerTurn
  }

  private func claimOne(
    _ gate: Gate, at now: Moment, ahead lead: Span
  ) throws(SQLiteError) -> Departure? {
    guard let line = state.lines[gate], let ready = line.nextReady, ready <= min(now, horizon),
      let opens = opening(of: line, at: now, ahead: lead), opens <= now,
      let earliest = line.budget.opens(at: now), let account = state.accounts[gate.account],
      let bearer = try bearer(for: gate, account, at: now)
    else { return nil }
    var settled = Settled()
    let flight = try store.claim(
      gate, packing: account.settings.packing, isProbe: line.record.health.isRefusing,
      packingTerms(account.settings, at: now), at: now, horizon: min(now, horizon),
      timeout: longestCall, &settled)
    count(settled, account: account.settings.name, gate.kind)
    state.lines[gate]?.nextReady = try store.nextReady(gate)
    guard let flight else { return nil }
    state.lines[gate]?.budget.begin(at: earliest)
    state.lines[gate]?.flights += 1
    state.lines[gate]?.countCall(monthEnds: monthEnd(at: now), at: now)
    try saveBudget(of: gate)
    try showQuota(of: gate.account, at: now)
    state.result.progress.calls += 1
    let request = FeishuWire.request(
      gate.kind, host: account.settings.host, lanes: flight.lanes.map(\.name),
      load: try load(of: flight), bearer: bearer)
    return depart(
      flight.id, gate.account, .lanes(flight, bearer: bearer), request, earliest: earliest, at: now)
  }

  /// What is sent of a parcel is on disk before it is sent, and the same whenever it is sent again.
  private func load(of flight: Flight) throws(SQLiteError) -> FeishuWire.Load {
    switch flight.cargo {
    case .shared(let call): return .audience(call.audience)
    case .parcel(let sent):
      if let body = sent.parcel.body, !body.isEmpty { return .body(body) }
      let body = FeishuWire.body(of: sent.parcel)
      try store.keep(body: body, of: flight)
      return .body(body)
    }
  }

  func packingTerms(_ settings: AccountSettings, at now: Moment) -> PackingTerms {
    PackingTerms(
      joins: settings.joins, secondsSince1970: (now + store.skew_ms) / 1_000,
      dice: [world.random(), world.random()])
  }

  /// Access tokens for accounts that have something to send: one fetch at a time, and ahead of time
  /// while the old one is still good.
  func fetchTokens(at now: Moment) throws(SQLiteError) -> [Departure] {
    var departures: [Departure] = []
    for (id, account) in state.accounts {
      guard account.missing.app == nil, let moment = account.credential.fetchMoment(at: now),
        moment <= now, wantsToken(id, at: now)
      else { continue }
      switch readSecret(account.settings.secret) {
      case .failure(let problem):
        let missing = MissingSecrets(app: problem.why, user: account.missing.user)
        try note(missing, of: id, at: now)
      case .success(let secret):
        state.accounts[id]?.credential.fetchBegan()
        let request = FeishuWire.accessToken(
          host: account.settings.host, appID: account.settings.appID, secret: secret)
        let call = try store.beginCall(id, .auth, at: now)
        departures.append(depart(call, id, .tokenRequest, request, earliest: now, at: now))
      }
    }
    return departures
  }

  private func wantsToken(_ account: Int, at now: Moment) -> Bool {
    state.lines.values.contains { line in
      guard line.gate.account == account, !usesUserToken(line.gate),
        let ready = line.nextReady, ready <= min(now, horizon),
        let opens = opening(of: line, at: now)
      else { return false }
      return opens <= now
    }
  }

  private func depart(
    _ call: Int, _ account: Int, _ cargo: UnderWay.Cargo, _ request: Request, earliest: Moment,
    at now: Moment
  ) -> Departure {
    state.flights[call] = UnderWay(
      account: account, cargo: cargo, started: now, sentBytes: request.body.count)
    state.accounts[account]?.flights += 1
    var request = request
    request.trust = state.accounts[account]?.settings.trust ?? .system
    return Departure(call: call, request: request, earliest: earliest)
  }

  func saveBudget(of gate: Gate) throws(SQLiteError) {
    guard let line = state.lines[gate], line.record != line.recordOnDisk else { return }
    try store.put(line.record, gate.account, gate.kind.api)
    state.lines[gate]?.recordOnDisk = line.record
  }
}
