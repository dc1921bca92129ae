import Larkspur
import Planning

/// One account in memory, and its channels.
struct AccountState {
  let id: Int
  var settings: AccountSettings
  /// False once it has been removed from the configuration.
  var isConfigured = true
  var credential: Credential
  /// When its access token expires, as it is on disk.
  var tokenOnDisk: Moment?
  var parked: Parked?
  var missing = MissingSecrets()
  /// When to look again for a secret that is missing.
  var secretLook: Moment?
  /// Which endpoint to ask in place of the configured one, which has just failed.
  var fallback: TokenEndpoint?
  /// Of a store app: the tenants that need its access token, and their own requests.
  var tenants = TenantPool()
  /// Of a tenant: its store app's number, and whether it waits in the app's line for a token.
  var app: Int?
  var isInLine = false
  /// Why the last request for an access token failed.
  var tokenFailure: String?
  /// Why the host was unreachable at the last attempt; nil after a call that may have reached it.
  var unreachable: String?
  /// What is on disk for the API that issues access tokens.
  var login: ChannelRecord
  /// The host of the last successful call.
  var provenHost: String?
  /// Counted so that a parked account is probed with one call at a time.
  var callsUnderWay = 0
  /// Channels that have or had lanes, and those that share a monthly quota with them.
  private(set) var channels: [Kind: ChannelState] = [:]

  /// `login` is what earlier runs recorded for the API that issues access tokens.
  init(
    _ settings: AccountSettings, id: Int, app: Int?, parked: Parked?, refusals: Int,
    login: ChannelRecord, provenHost: String?, renewal: Span
  ) {
    self.app = app
    self.id = id
    self.settings = settings
    self.login = login
    self.provenHost = provenHost
    credential = Credential(
      refusals: refusals, notBefore: login.pausedUntil, renewal: renewal)
    tokenFailure = login.pausedWhy
    self.parked = parked
  }

  var isProven: Bool { provenHost == settings.host }

  mutating func open(_ channel: ChannelState) { channels[channel.channel.kind] = channel }

  subscript(kind: Kind) -> ChannelState {
    get {
      channels[kind, default: Self.missing(kind)]
    }
    _modify {
      yield &channels[kind, default: Self.missing(kind)]
    }
  }

  private static func missing(_ kind: Kind) -> ChannelState {
    preconditionFailure("there is no channel for a \(kind)")
  }

  mutating func forEachChannel(_ body: (inout ChannelState) -> Void) {
    for kind in channels.keys { body(&self[kind]) }
  }
}

extension Table<Int, AccountState> {
  subscript(channel: Channel) -> ChannelState {
    get { self[channel.account][channel.kind] }
    _modify { yield &self[channel.account][channel.kind] }
  }

  func find(_ channel: Channel) -> ChannelState? { find(channel.account)?.channels[channel.kind] }
}

/// Which access token a call uses.
extension AccountState {
  func usesUserToken(_ kind: Kind) -> Bool {
    kind.rules.takesUserTokens && settings.userToken != nil
  }

  /// Why calls of this kind wait for a secret; nil if they do not. The app secret is not needed
  /// while the access token is still good.
  func missingSecret(for kind: Kind, at now: Moment) -> String? {
    if usesUserToken(kind) { return missing.user }
    return credential.usable(at: now) == nil ? missing.app : nil
  }
}

/// What its channels may do, and when.
extension AccountState {
  private func tokenFrom(_ kind: Kind, at now: Moment) -> Moment? {
    usesUserToken(kind) || credential.usable(at: now) != nil ? nil : credential.notBefore
  }

  func opening(
    of channel: ChannelState, _ urgency: Urgency, _ month: QuotaMonth, at now: Moment,
    ahead lead: Span
  ) -> Opening {
    channel.opening(
      of: AccountStanding(
        isConfigured: isConfigured, parked: parked, callsUnderWay: callsUnderWay,
        quotaEnd: quotaEnd(month, at: now),
        reservedUntil: reservedUntil(month, at: now),
        tokenFrom: tokenFrom(channel.channel.kind, at: now)),
      urgency, at: now, ahead: lead)
  }

  /// Whose lanes may open a call now, and have one that is due.
  func mayOpen(_ channel: ChannelState, _ terms: Terms, at now: Moment) -> [Urgency] {
    // A store app's own token is for the tokens of its tenants alone.
    if settings.issuing.problem(with: channel.channel.kind) != nil { return [] }
    return Turn.order(urgentInARow: channel.urgentInARow, under: channel.budget.limits).filter {
      urgency in
      guard let ready = channel.next[urgency], ready <= min(now, terms.horizon),
        let opens = opening(of: channel, urgency, terms.month, at: now, ahead: terms.lead).at
      else { return false }
      return opens <= now
    }
  }

  /// When something can be done for a channel: a call, or fetching the access token it needs first.
  /// Nil if only an answer can bring it further, or if no waiting lane is due by `horizon`.
  func nextMove(
    of channel: ChannelState, _ terms: Terms, at now: Moment
  ) -> Moment? {
    if settings.issuing.problem(with: channel.channel.kind) != nil {
      // Its lanes end.
      return channel.nextReady == nil ? nil : now
    }
    let moments = Urgency.allCases.compactMap { urgency -> Moment? in
      guard let ready = channel.next[urgency], ready <= terms.horizon,
        let opens = opening(of: channel, urgency, terms.month, at: now, ahead: terms.lead).at
      else { return nil }
      return max(ready, opens)
    }
    guard let due = moments.min() else { return nil }
    let kind = channel.channel.kind
    if missing.any != nil, missingSecret(for: kind, at: now) != nil { return secretLook }
    if usesUserToken(kind) || credential.usable(at: max(due, now)) != nil { return due }
    if isInLine { return nil }
    return credential.fetchMoment(at: now).map { max(due, $0) }
  }

  /// What is the same for all accounts.
  struct Terms {
    var month: QuotaMonth
    var lead: Span
    var horizon: Moment
  }

  /// When to look at this account next.
  func nextLook(_ terms: Terms, at now: Moment) -> Moment? {
    guard isConfigured else { return nil }
    var moments = [secretLook, loginMoment(at: now)]
    if settings.storeApp != nil { moments.append(tenants.ageLook ?? now) }
    for channel in channels.values {
      moments += [nextMove(of: channel, terms, at: now), channel.nextTokenLook]
    }
    return moments.compactMap { $0 }.min()
  }

  /// Whether any lanes wait to be sent, now or later.
  var hasWaitingLanes: Bool { channels.values.contains { $0.nextReady != nil } }

  /// Whether it is time to fetch an access token and there is something to send with it.
  func wantsToken(_ terms: Terms, at now: Moment) -> Bool {
    guard missing.app == nil, !isInLine,
      let moment = credential.fetchMoment(at: now), moment <= now
    else { return false }
    return channels.values.contains { channel in
      !usesUserToken(channel.channel.kind) && !mayOpen(channel, terms, at: now).isEmpty
    }
  }
}

/// A month of Feishu's quotas: its number, and when it ends on the queue's clock.
struct QuotaMonth: Equatable {
  var number: Int
  var ends: Moment
}

/// The account's own monthly quota, shared by all kinds that count against it.
extension AccountState {
  /// When it may make calls again, if the quota is used up but for the calls that are kept.
  func quotaEnd(_ month: QuotaMonth, keeping kept: Int = 0, at now: Moment) -> Moment? {
    guard let quota = settings.monthlyQuota.map({ $0 - kept }) else { return nil }
    let months = channels.values.filter { $0.channel.kind.rules.hasQuota }.map(\.record.months)
    if months.reduce(0, { $0 + $1.shown.calls }) >= quota { return month.ends }
    let fullest = months.map { $0.fullest(at: now) }
    guard fullest.reduce(0, { $0 + $1.calls }) >= quota else { return nil }
    return zip(months, fullest).filter { $0.shown != $1 }.map(\.1.ends).min()
  }

  /// When lanes that are not urgent may go again, if only the calls are left that are kept for urgent
  /// ones.
  func reservedUntil(_ month: QuotaMonth, at now: Moment) -> Moment? {
    if settings.quotaReserve == 0 || quotaEnd(month, at: now) != nil { return nil }
    return quotaEnd(month, keeping: settings.quotaReserve, at: now)
  }

  /// Shows a used-up quota as a pause, and ends that pause when there are calls left.
  mutating func showQuota(_ month: QuotaMonth, at now: Moment) {
    let end = quotaEnd(month, at: now)
    forEachChannel { channel in
      guard channel.channel.kind.rules.hasQuota else { return }
      if let end {
        channel.pause(until: end, for: .quota, why: Self.quotaIsSpent)
      } else if channel.record.spentMonth == nil {
        channel.endPause(for: .quota, at: now)
      }
    }
  }

  private static let quotaIsSpent = "the account's monthly call quota is used up"

  /// Feishu says that the month's quota is used up. One probe an hour shows whether somebody has
  /// bought more.
  mutating func pauseForQuota(_ month: QuotaMonth, why: String, at now: Moment) {
    forEachChannel { channel in
      guard channel.channel.kind.rules.hasQuota else { return }
      channel.record.spentMonth = month.number
      channel.pause(
        until: min(month.ends, now + RetryPolicy.quotaProbes), for: .quota, why: why)
    }
  }
}
