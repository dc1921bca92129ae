import Larkspur
import QueueAccess
import Terminal

/// `list --key`: the previews that show something.
struct KeyListing: Equatable {
  var key: String
  var limit: Int?

  init(_ options: Options) throws(Failure) {
    let others = ["--state", "--kind", "--since"].first { options.has($0) }
    if let other = others ?? options.operands.first.map(printable) {
      throw Failure(
        .usage, "with --key, list shows the previews of a key; leave '\(other)' out")
    }
    key = options.one("--key") ?? ""
    if key.isEmpty { throw Failure(.usage, "--key is empty; name a key, for example ticket-1041") }
    limit = try options.one("--limit").map(Listing.limit)
  }

  /// Nobody reads a longer table.
  private static let rowsForPeople = 1_000

  func run(_ global: GlobalOptions) throws(Failure) {
    let inspector = try global.queue().inspector()
    let count =
      global.wantsJSON ? try printObjects(inspector, global) : try printTable(inspector, global)
    if count == 0 {
      let place = global.account.map { " in account '\(printable($0))'" } ?? ""
      global.say("no previews of key '\(printable(key))'\(place)")
    }
  }

  private func printTable(
    _ inspector: borrowing Inspector, _ global: GlobalOptions
  ) throws(Failure) -> Int {
    let most = limit ?? Self.rowsForPeople
    let values = values(global, limit: most < .max ? most + 1 : most)
    let found = try withSentences { () throws(QueueError) in
      try inspector.rows(Self.query, values)
    }
    if found.rows.isEmpty { return 0 }
    let shown = Rows(columns: found.columns, rows: Array(found.rows.prefix(most)))
    Output.result(Table(shown, leavingOut: ["account": "default", "keys": key, "state": ""]).text)
    if found.rows.count > most {
      global.say("showing the first \(grouped(most)); use --limit N for more, --json for all")
    }
    return shown.rows.count
  }

  private func printObjects(
    _ inspector: borrowing Inspector, _ global: GlobalOptions
  ) throws(Failure) -> Int {
    let values = values(global, limit: limit ?? -1)
    var lines = GatheredLines()
    try withSentences { () throws(QueueError) in
      try inspector.each(Self.query, values) { lines.append(Self.object($0, $1)) }
    }
    try lines.print()
    return lines.count
  }

  private static func object(_ columns: [String], _ row: [Cell]) -> String {
    JSONObject(
      zip(columns, row).map { column, cell in
        if column == "keys" {
          return (column, .texts(cell.text.split(separator: " ").map(String.init)))
        }
        return (column, JSONObject.Value(cell))
      }
    ).text
  }

  private func values(_ global: GlobalOptions, limit: Int) -> [Value] {
    [.text(key), .of(global.account), .int(limit)]
  }

  /// The state of a lane is worked out as in the view `queue`, which would read all lanes for it.
  private static let query = """
    select previews.account, previews.token, previews.keys, previews.chat, previews.viewers,
      previews.audience, previews.seen,
      case
        when lane.state = 'in_flight' then 'in flight'
        when lane.state = 'waiting' then case
          when account.parked is not null then 'parked'
          when max(ifnull(budget.paused_ms, 0), ifnull(opening ->> '$.credentials', 0)) > now_ms
            then 'paused'
          when account.configured = 0 or lane.ready_ms > now_ms then 'waiting'
          else 'ready'
        end
        when exists (
          select 1 from ask indexed by asks_dead where outcome = 'dead' and lane_id = lane.id)
          then 'dead'
      end as state,
      previews.url
    from clock
    cross join known_key
    cross join tag on tag.key_id = known_key.id
    cross join known_token on known_token.id = tag.token_id
    cross join previews
      on previews.account = known_token.account and previews.token = known_token.name
    left join account on account.name = known_token.account
    left join lane on lane.account_id = account.id and lane.kind = 'preview'
      and lane.name = known_token.name
    left join budget on budget.account_id = account.id and budget.api = 'preview'
    where known_key.name = ?1 and (?2 is null or known_key.account = ?2)
    order by known_token.seen_day desc, known_token.id desc
    limit ?3
    """
}
