import Larkspur

/// The figures of `status`, as they are in the database. Few and cheap: a million lanes must not make
/// looking slow.
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
  /// How long the one that has waited longest has done so.
  var oldestWait_ms: Int?
  var accounts: [Account] = []

  struct Account {
    let name: String
    /// `open`, `paused` or `parked`.
    let state: String
    let pausedUntil: String?
    /// Which calls stand still meanwhile: `card`, `card, session`.
    let pausedAPIs: String?
    /// Where it is to be mended: `credentials`, `permission` or `address`.
    let trouble: String?
    let why: String?
    let callsLastMinute: Int
    let callsThisMonth: Int
  }

  init(_ inspector: borrowing Inspector, account: String?) throws(QueueError) {
    let values: [Value] = [.of(account)]
    schema = try inspector.rows("pragma user_version").numbers[0]
    let asks = try inspector.rows(Self.asks, values).numbers
    (delayedAsks, expiredAsks) = (asks[1] + asks[4], asks[2] + asks[5])
    newAsks = asks[0] + asks[3] + asks[4] - delayedAsks - expiredAsks
    let lanes = try inspector.rows(Self.lanes, values).numbers
    (ready, waiting, paused, parked) = (lanes[0], lanes[1], lanes[2], lanes[3])
    let others = try inspector.rows(Self.othersAndOldest, values)
    (inFlight, dead) = (others.numbers[0], others.numbers[1])
    oldestWait_ms = others.numbers[2] < 0 ? nil : others.numbers[2]
    accounts = try inspector.rows(Self.perAccount, values).rows.map(Account.init)
  }
}

extension StatusFigures.Account {
  fileprivate init(_ row: [Cell]) {
    name = row[0].text
    state = row[1].text
    pausedUntil = row[2].optionalText
    pausedAPIs = row[3].optionalText
    trouble = row[4].optionalText
    why = row[5].optionalText
    callsLastMinute = row[6].number
    callsThisMonth = row[7].number
  }
}

extension StatusFigures {
  /// What the view `queue` calls them: asks that no worker has looked at, and those that one has held
  /// back. Few are looked at twice, for their own times; an ask expires after it could have gone.
  fileprivate static let asks = """
    with
      now as materialized (select now_ms, skew_ms from clock),
      unseen as not materialized (
        select * from ask where id > (select folded_ask from worker) and outcome is null
          and lane_id is null and due_ms is null and (?1 is null or account = ?1)),
      held as not materialized (
        select * from ask indexed by asks_held_back where due_ms is not null and lane_id is null
          and outcome is null and (?1 is null or account = ?1))
    select
      (select count(*) from unseen),
      (select count(*) from now, unseen
        where after_ms > 0 and min(asked_ms - skew_ms, now_ms) + after_ms > now_ms),
      (select count(*) from now, unseen
        where expires_in_ms > 0 and min(asked_ms - skew_ms, now_ms) + expires_in_ms <= now_ms),
      (select count(*) from held where due_ms <= (select now_ms from now)),
      (select count(*) from held where due_ms > (select now_ms from now)),
      (select count(*) from held where due_ms <= (select now_ms from now)
        and expires_ms <= (select now_ms from now))
    """

  /// What the view `queue` calls them, counted from an index.
  fileprivate static let lanes = """
    with waiting as (
      select account_id, kind, count(*) as lanes,
        sum(ready_ms <= (select now_ms from clock)) as due
      from lane where state = 'waiting' group by account_id, kind),
    described as (
      select lanes, due, account.parked is not null as parked,
        ifnull(budget.paused_ms > (select now_ms from clock), 0) as paused
      from waiting
      join account on account.id = waiting.account_id
      left join budget on budget.account_id = account.id and budget.api = kind
      where ?1 is null or account.name = ?1)
    select
      ifnull(sum(iif(not parked and not paused, due, 0)), 0),
      ifnull(sum(iif(not parked and not paused, lanes - due, 0)), 0),
      ifnull(sum(iif(not parked and paused, lanes, 0)), 0),
      ifnull(sum(iif(parked, lanes, 0)), 0)
    from described
    """

  fileprivate static let othersAndOldest = """
    select
      (select count(*) from lane join account on account.id = account_id
        where call_id is not null and (?1 is null or account.name = ?1)),
      (select count(distinct lane_id) from ask
        where outcome = 'dead' and (?1 is null or account = ?1)),
      max(
        ifnull((select max(now_ms - min(since_ms), 0) from clock, lane join account on account.id = account_id
          where state = 'waiting' and (?1 is null or account.name = ?1)), -1),
        ifnull((select max(now_ms + skew_ms - min(asked_ms), 0) from clock, ask
          where ask.id > (select folded_ask from worker) and outcome is null
            and lane_id is null and due_ms is null and asked_ms + after_ms <= now_ms + skew_ms
            and (?1 is null or account = ?1)), -1))
    """

  /// Without an access token nothing is updated, so its pauses are the account's. A month
  /// of the quota is one in Beijing; a count that was made in an earlier one has ended with it.
  fileprivate static let perAccount = """
    with today as (
      select now_ms, skew_ms,
        (strftime('%Y', (now_ms + skew_ms) / 1000 + 28800, 'unixepoch') - 1970) * 12
          + strftime('%m', (now_ms + skew_ms) / 1000 + 28800, 'unixepoch') - 1 as month
      from clock),
    spent as (
      select account_id, max(iif(paused_ms > now_ms, paused_ms, null)) as paused_ms, paused_why,
        group_concat(iif(paused_ms > now_ms, api, null), ', ') as paused_apis,
        sum(iif(budget.month = today.month, month_calls, 0)) as month_calls
      from today, budget group by account_id)
    select
      account.name,
      iif(parked is not null, 'parked', iif(paused_ms is not null, 'paused', 'open')),
      iif(parked is null,
        datetime((paused_ms + skew_ms + 999) / 1000, 'unixepoch', 'localtime'), null),
      iif(parked is null, paused_apis, null),
      parked,
      iif(parked is not null, parked_why, iif(paused_ms is not null, paused_why, null)),
      (select count(*) from call where call.account_id = account.id and api <> 'auth'
        and started_ms > now_ms - 60000),
      ifnull(month_calls, 0)
    from today, account left join spent on spent.account_id = account.id
    where ?1 is null or account.name = ?1
    order by account.id
    """
}

extension Rows {
  /// The first row, of a query that always has one.
  fileprivate var numbers: [Int] { rows[0].map(\.number) }
}

extension Cell {
  var number: Int {
    if case .int(let number) = self { number } else { 0 }
  }

  fileprivate var optionalText: String? {
    if case .text(let text) = self { text } else { nil }
  }
}
