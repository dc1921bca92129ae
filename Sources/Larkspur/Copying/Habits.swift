import Planning

/// How long calls have taken lately. Running ahead assumes that they go on like this.
package struct Habits: Sendable {
  package struct Usual: Sendable {
    /// The median over the last answered calls, from leaving to the answer.
    package var median: Span
    /// The latest round trips of the current run, oldest first.
    package var roundTrips: [Span]
  }

  /// By account and API. An API that was never called is left out.
  private var usual: [Int: [API: Usual]] = [:]

  /// Taken if nothing has been answered yet.
  private static let assumed: Span = 200
  private static let callsLookedAt = 100

  /// Reads the file that is attached as `source`.
  init(_ db: borrowing Connection) throws(StoreError) {
    let began =
      try db.first(
        "select began_ms from source.span where what = 'run' and ended_ms is null order by id desc limit 1"
      ) { (row) throws(StoreError) in row.moment(0) } ?? .max
    let accounts = try db.all("select id from main.account") { (row) throws(StoreError) in
      row.int(0)
    }
    for account in accounts {
      for api in API.allCases {
        let calls = try db.all(
          """
          select started_ms, ended_ms - ifnull(sent_ms, started_ms), sent_ms is not null
          from source.call indexed by calls_of_a_budget
          where account_id = ? and api = ? and http_status is not null
          order by started_ms desc limit ?
          """, .int(account), .text(api.rawValue), .int(Self.callsLookedAt)
        ) { (row) throws(StoreError) in
          (started: row.moment(0), took: max(0, row.bounded(1)), wasSent: row.bool(2))
        }
        if calls.isEmpty { continue }
        usual[account, default: [:]][api] = Usual(
          median: calls.map(\.took).sorted()[calls.count / 2],
          roundTrips: calls.filter { $0.started >= began && $0.wasSent }.map(\.took).reversed())
      }
    }
  }

  package func roundTrips(_ account: Int, _ api: API) -> [Span] {
    usual[account]?[api]?.roundTrips ?? []
  }

  /// Whether a call of this API was ever answered.
  package func isKnown(_ account: Int, _ api: API) -> Bool { usual[account]?[api] != nil }

  /// Of an API that was never called, what the account's other calls take.
  package func median(_ account: Int, _ api: API) -> Span {
    let apis = usual[account] ?? [:]
    return apis[api]?.median ?? apis.values.map(\.median).max() ?? Self.assumed
  }
}
