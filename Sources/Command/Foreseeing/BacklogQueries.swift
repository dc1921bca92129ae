import Delivery
import Larkspur
import Planning

/// The figures that `forecast` reads from the queue.
extension BacklogFigures {
  init(
    _ inspector: borrowing Inspector, account: String?, _ viewpoint: Viewpoint
  ) throws(QueueError) {
    let wall = viewpoint.clocks.wall(viewpoint.now)
    self.init(
      now: viewpoint.now, monthEnds: viewpoint.clocks.queue(nextQuotaMonth(after: wall)))
    try countLanes(inspector, account)
    try countArrivals(inspector, account, since: wall - Self.arrivalSpan)
    try countCalls(inspector, account, month: quotaMonth(of: wall))
  }

  private static let arrivalSpan: Span = .minutes(1)
  private static let slices = 6

  private mutating func countLanes(
    _ inspector: borrowing Inspector, _ account: String?
  ) throws(QueueError) {
    let rows = try inspector.rows(
      """
      select account.id, kind.name,
        (select count(*) from lane indexed by lanes_due_longest
          where account_id = account.id and kind = kind.name and state = 'waiting')
        + (select count(*) from lane indexed by lanes_in_flight
          where call_id is not null and account_id = account.id and kind = kind.name)
        + (select count(distinct lane) from ask indexed by asks_not_folded
          where lane_id is null and due_ms is null and outcome is null
            and account = account.name and kind = kind.name)
        + (select count(distinct lane) from ask indexed by asks_held_back
          where due_ms is not null and lane_id is null and outcome is null
            and account = account.name and kind = kind.name)
      from account, kind where ?1 is null or account.name = ?1
      """, [.of(account)])
    for row in rows.rows {
      guard let kind = Kind(rawValue: row[1].text) else { continue }
      backlogs[row[0].number, default: Backlog()].lanes[kind] = row[2].number
    }
  }

  /// A backlog grows only if more is asked for all the time, so the usual rate counts and not that
  /// of a burst.
  private mutating func countArrivals(
    _ inspector: borrowing Inspector, _ account: String?, since: WallMoment
  ) throws(QueueError) {
    let rows = try inspector.rows(
      """
      select account.id, (asked_ms - ?2) * ?3 / ?4 as slice, count(distinct kind || ' ' || lane)
      from ask join account on account.name = ask.account
      where ask.id > (select max(id) from ask) - 50000 and asked_ms between ?2 and ?2 + ?4 - 1
        and (?1 is null or account.name = ?1)
      group by 1, 2
      """,
      [.of(account), .int(since.ms), .int(Self.slices), .int(Self.arrivalSpan)])
    var counts: [Int: [Int]] = [:]
    for row in rows.rows { counts[row[0].number, default: []].append(row[2].number) }
    for (id, counts) in counts {
      let all = (counts + [Int](repeating: 0, count: max(0, Self.slices - counts.count))).sorted()
      let usual = all[(Self.slices - 1) / 2]
      backlogs[id, default: Backlog()].lanesPerSecond =
        Double(usual * Self.slices * 1_000) / Double(Self.arrivalSpan)
    }
  }

  private mutating func countCalls(
    _ inspector: borrowing Inspector, _ account: String?, month: Int
  ) throws(QueueError) {
    let kinds = Kind.allCases.filter { $0.rules.hasQuota }.map(\.rawValue)
    let rows = try inspector.rows(
      """
      with counted as (
        select account.id as account_id, count(call.id) as calls, min(call.started_ms) as first_ms
        from account join json_each(?2) as kind
        left join call indexed by calls_of_a_budget
          on call.account_id = account.id and call.api = kind.value and call.started_ms > ?3
        where ?1 is null or account.name = ?1
        group by account.id)
      select account_id, calls, first_ms,
        ifnull((select sum(month_calls) from budget where budget.account_id = counted.account_id
          and month = ?4 and api in (select value from json_each(?2))), 0)
      from counted
      """,
      [.of(account), .text(JSONText.list(kinds)), .of(now - CallPace.window), .int(month)])
    for row in rows.rows {
      let id = row[0].number
      let first: Moment? = row[1].number > 0 ? Moment(ms: row[2].number) : nil
      backlogs[id, default: Backlog()].pace = CallPace(
        calls: row[1].number, since: first, at: now)
      backlogs[id, default: Backlog()].monthCalls = row[3].number
    }
  }
}

extension BacklogFigures {
  /// Calls of the last week by account, and how long ago the first was.
  typealias Paces = [String: (calls: Int, firstAgo: Span)]

  /// The copy of a shared queue has the calls of the last minutes only.
  mutating func use(_ paces: Paces, of accounts: [StoredAccount]) {
    for account in accounts {
      let pace = paces[account.name]
      backlogs[account.id, default: Backlog()].pace = CallPace(
        calls: pace?.calls ?? 0, since: pace.map { now - $0.firstAgo }, at: now)
    }
  }
}
