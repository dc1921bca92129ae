import Larkspur
import Terminal

extension Listing {
  /// The same list from a shared queue, whose views have the same columns.
  func run(_ global: GlobalOptions, _ ask: SharedCommands.Ask) throws(Failure) {
    let most = limit ?? (global.wantsJSON ? .max : Self.rowsForPeople)
    let found = try ask(sharedQuery, values(global, most: most))
    let count: Int
    if global.wantsJSON {
      var lines = GatheredLines()
      for row in found.rows { lines.append(Self.object(found.columns, row)) }
      try lines.print()
      count = lines.count
    } else {
      count = show(found, most: most, global)
    }
    if count == 0 {
      global.say(nothing(global))
    } else if state?.isPending ?? true, try ask("select from larkspur.workers", []).rows.isEmpty {
      global.say(WorkerReport.noWorker)
    }
  }

  /// $1 is the account, $2 the state, $3 the lane, $4 the kind, $5 a span and $6 the number of rows.
  private var sharedQuery: String {
    let hasView = state == .dead || state == .idle
    return """
      select * from larkspur.\(hasView ? state?.rawValue ?? "" : "queue")
      where ($1::text is null or account = $1)
        and ($2::text is null\(hasView ? "" : " or state = $2"))
        and ($3::text is null or lane = $3) and ($4::text is null or kind = $4)
        and ($5::bigint is null
          or \(moment) >= larkspur.shown(clock_timestamp() - $5::bigint * interval '1 millisecond'))
      order by \(moment), account, kind, lane
      limit $6::bigint
      """
  }

  private func values(_ global: GlobalOptions, most: Int) -> [String?] {
    let wanted = state == .dead || state == .idle ? nil : state?.rawValue
    // One more than is shown tells whether there are more.
    let rows = global.wantsJSON || most == .max ? most : most + 1
    return [
      global.account, wanted, lane, kind?.rawValue, since_ms.map { String($0) }, String(rows),
    ]
  }
}
