import Larkspur
import Planning

/// The figures of `status`, read from the database. The queries are few and cheap, because a
/// million lanes must not make `status` slow.
struct StatusFigures {
  var schema = 0
  var newAsks = 0
  var delayedAsks = 0
  var expiredAsks = 0
  var ready = 0
  var waiting = 0
  var paused = 0
  var parked = 0
  var inFlight = 0
  var dead = 0
  /// How long the oldest has waited.
  var oldestWait_ms: Int?
  /// The same for asks that no worker has looked at.
  var oldestUnseen_ms: Int?
  var accounts: [Account] = []

  struct Account {
    let name: String
    /// `open`, `paused` or `parked`.
    let state: String
    let pausedUntil: String?
    /// The APIs that are paused: `card`, `card, session`.
    let pausedAPIs: String?
    /// What to fix: `credentials`, `permission` or `address`.
    let trouble: String?
    let why: String?
    let callsLastMinute: Int
    let callsThisMonth: Int
    /// Of a store app's ticket, as far as the worker knows.
    let ticketAge: Span?
    /// Its store app, if it is a tenant of one.
    let app: String?
    /// Who works it; nil for a queue in a file, where there is no choice.
    var holder: Holder?
    var isTenant: Bool { app != nil }
  }

  enum Holder {
    case nobody
    case worker(String)
  }

  init() {}

  init<Source: Answering & ~Copyable>(
    _ source: borrowing Source, account: String?
  ) throws(Source.Trouble) {
    let values: [Value] = [.of(account)]
    schema = try source.answer("pragma user_version", []).numbers[0]
    let asks = try source.answer(Self.asks, values).numbers
    (delayedAsks, expiredAsks) = (asks[1] + asks[4], asks[2] + asks[5])
    newAsks = asks[0] + asks[3] + asks[4] - delayedAsks - expiredAsks
    let lanes = try source.answer(Self.lanes, values).numbers
    (ready, waiting, paused, parked) = (lanes[0], lanes[1], lanes[2], lanes[3])
    inFlight = try source.answer(Self.lanesInFlight, values).numbers[0]
    dead = try Self.dead(source, account: account)
    oldestUnseen_ms = try Self.oldestUnseen_ms(source, account: account)
    // Negative if nothing waits.
    let oldest = max(lanes[4], oldestUnseen_ms ?? -1)
    oldestWait_ms = oldest < 0 ? nil : oldest
    accounts = try Self.accounts(source, account: account)
  }

  static func accounts<Source: Answering & ~Copyable>(
    _ source: borrowing Source, account: String?
  ) throws(Source.Trouble) -> [Account] {
    let month = quotaMonth(of: SystemClocks.read(boot: nil).wall)
    return try source.answer(perAccount, [.of(account), .int(month)]).rows.map(Account.init)
  }

  /// How many lanes have dead asks.
  static func dead<Source: Answering & ~Copyable>(
    _ source: borrowing Source, account: String?
  ) throws(Source.Trouble) -> Int {
    try source.answer(deadLanes, [.of(account)]).numbers[0]
  }
}

extension StatusFigures.Account {
  init(_ row: [Cell]) {
    name = row[0].text
    state = row[1].text
    pausedUntil = row[2].optionalText
    pausedAPIs = row[3].optionalText
    trouble = row[4].optionalText
    why = row[5].optionalText
    callsLastMinute = row[6].number
    callsThisMonth = row[7].number
    ticketAge = row[8].optionalNumber
    app = row[9].optionalText
  }
}

extension StatusFigures {
  /// Asks that no worker has looked at.
  private static let unseen = """
    unseen as not materialized (
      select * from ask indexed by asks_not_folded
      where lane_id is null and due_ms is null and outcome is null and (?1 is null or account = ?1))
    """

  /// Counts asks by their state in the view `queue`: asks that no worker has looked at, and asks
  /// that one has held back. Only the few with a delay or an expiry are looked at twice. An ask
  /// expires after its delay, so none is counted as both delayed and expired.
  fileprivate static let asks = """
    with
      now as materialized (select now_ms, skew_ms from clock),
      \(unseen),
      held as not materialized (
        select * from ask indexed by asks_held_back where due_ms is not null and lane_id is null
          and outcome is null and (?1 is null or account = ?1))
    select
      (select count(*) from unseen),
      (select count(*) from ask indexed by asks_not_folded_delayed
        where lane_id is null and due_ms is null and outcome is null and after_ms > 0
          and asked_ms + after_ms > (select now_ms + skew_ms from now)
          and (?1 is null or account = ?1)),
      (select count(*) from ask indexed by asks_not_folded_expiring
        where lane_id is null and due_ms is null and outcome is null and expires_in_ms is not null
          and asked_ms + expires_in_ms <= (select now_ms + skew_ms from now)
          and (?1 is null or account = ?1)),
      (select count(*) from held where due_ms <= (select now_ms from now)),
      (select count(*) from held where due_ms > (select now_ms from now)),
      (select count(*) from held where due_ms <= (select now_ms from now)
        and expires_ms <= (select now_ms from now))
    """

  /// Counts waiting lanes by their state in the view `queue`, using an index, and finds how long
  /// the oldest has waited.
  fileprivate static let lanes = """
    with channel as (
      select account.id as account_id, kind.name as kind, now_ms,
        account.parked is not null as parked,
        max(ifnull(budget.paused_ms, 0), ifnull(opening ->> '$.credentials', 0)) > now_ms as paused,
        -- A key waits for its previews, which are lanes of their own.
        ifnull(account.configured = 0, 0) or kind.name in ('key', 'url') as unconfigured,
        -- The rest of the month's calls is kept for urgent lanes.
        ifnull(opening ->> '$.reserve', 0) > now_ms as reserved
      from clock, account, kind
      left join budget on budget.account_id = account.id and budget.api = kind.name
      where ?1 is null or account.name = ?1),
    counted as (
      select parked, paused, unconfigured,
        (select count(*) from lane indexed by lanes_due_longest
          where account_id = channel.account_id and kind = channel.kind and state = 'waiting'
            and urgent in (reserved, 1) and max(ready_ms, spread_ms) <= now_ms)
        + spread as due,
        (select count(*) from lane indexed by lanes_due_longest
          where account_id = channel.account_id and kind = channel.kind and state = 'waiting') as "all"
      from (
        select *,
          -- Due, although their turn is still ahead.
          (select count(*) from lane indexed by lanes_spread
            where account_id = channel.account_id and kind = channel.kind and state = 'waiting'
              and spread_ms > 0 and urgent in (reserved, 1) and ready_ms <= now_ms) as spread
        from channel) as channel)
    select
      ifnull(sum(iif(not parked and not paused and not unconfigured, due, 0)), 0),
      ifnull(sum(iif(not parked and not paused, iif(unconfigured, "all", "all" - due), 0)), 0),
      ifnull(sum(iif(not parked and paused, "all", 0)), 0),
      ifnull(sum(iif(parked, "all", 0)), 0),
      ifnull((
        select max(now_ms - since_ms, 0)
        from clock, lane indexed by lanes_waiting_longest
        join account on account.id = lane.account_id
        where since_ms is not null and (?1 is null or account.name = ?1)
        order by since_ms limit 1), -1)
    from counted
    """

  fileprivate static let lanesInFlight = """
    select count(*) from lane join account on account.id = account_id
    where call_id is not null and (?1 is null or account.name = ?1)
    """

  fileprivate static let deadLanes = """
    select count(*) from (
      select distinct lane_id from ask indexed by asks_dead
      where outcome = 'dead' and (?1 is null or account = ?1))
    """

  /// Most asks have neither a delay nor an expiry, and the index gives the oldest of these.
  private static let oldestUnseen = """
    ifnull((
      select max(now_ms + skew_ms - min(asked_ms), 0)
      from clock, (
        select * from (
          select asked_ms, after_ms from unseen where after_ms = 0 and expires_in_ms is null
          order by asked_ms limit 1)
        union all select asked_ms, 0 from ask indexed by asks_not_folded_expiring
          where lane_id is null and due_ms is null and outcome is null
            and expires_in_ms is not null and after_ms = 0 and (?1 is null or account = ?1)
        union all select asked_ms, after_ms from ask indexed by asks_not_folded_delayed
          where lane_id is null and due_ms is null and outcome is null and after_ms > 0
            and asked_ms + after_ms <= (select now_ms + skew_ms from clock)
            and (?1 is null or account = ?1))
      where asked_ms + after_ms <= now_ms + skew_ms), -1)
    """

  /// How long the oldest ask that no worker has looked at has waited.
  static func oldestUnseen_ms<Source: Answering & ~Copyable>(
    _ source: borrowing Source, account: String? = nil
  ) throws(Source.Trouble) -> Int? {
    let wait = try source.answer(
      "with \(unseen) select \(oldestUnseen)", [.of(account)]
    ).numbers[0]
    return wait < 0 ? nil : wait
  }

  /// No call can be made without an access token, so a pause of `auth` is one of the account. ?2 is
  /// the quota's month; a count from an earlier month no longer applies.
  fileprivate static let perAccount = """
    with spent as (
      select account_id, max(iif(paused_ms > now_ms, paused_ms, null)) as paused_ms, paused_why,
        group_concat(iif(paused_ms > now_ms, api, null), ', ') as paused_apis,
        sum(iif(month = ?2, month_calls, 0)) as month_calls
      from clock, budget group by account_id)
    select
      account.name,
      case
        when configured = 0 then 'unconfigured'
        when parked is not null then 'parked'
        when paused_ms is not null then 'paused'
        else 'open'
      end,
      iif(parked is null,
        datetime((paused_ms + skew_ms + 999) / 1000, 'unixepoch', 'localtime'), null),
      iif(parked is null, paused_apis, null),
      parked,
      iif(parked is not null, parked_why, iif(paused_ms is not null, paused_why, null)),
      (select count(*) from kind join call indexed by calls_of_a_budget
        on call.account_id = account.id and api = kind.name and started_ms > now_ms - 60000),
      ifnull(month_calls, 0),
      iif(configured = 1, max(0, now_ms - ticket_ms), null),
      limits ->> '$.app'
    from clock, account left join spent on spent.account_id = account.id
    where ?1 is null or account.name = ?1
    order by account.id
    """
}

extension Rows {
  /// The first row. Only for queries that always have one.
  fileprivate var numbers: [Int] { rows[0].map(\.number) }
}

extension Cell {
  var number: Int {
    if case .int(let number) = self { number } else { 0 }
  }

  var optionalNumber: Int? {
    if case .int(let number) = self { number } else { nil }
  }

  var optionalText: String? {
    if case .text(let text) = self { text } else { nil }
  }
}
