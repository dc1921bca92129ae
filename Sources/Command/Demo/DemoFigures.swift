import Larkspur
import Terminal

/// The state of the demo, read from the queue's views.
struct DemoFigures: Equatable {
  struct Call: Equatable {
    let number: Int
    /// `10 tickets for 45 people`.
    let load: String
    let outcome: String
    let took_ms: Int?
  }

  /// Time since the story began.
  var at_ms = 0
  var ticketsAsked = 0
  var ticketsWaiting = 0
  var ticketsInFlight = 0
  var asks = 0
  var asksDelivered = 0
  var asksDead = 0
  /// Expired or cancelled.
  var asksDropped = 0
  var calls = 0
  var callsLastSecond = 0
  var refusals = 0
  /// The newest first.
  var lastCalls: [Call] = []

  var ticketsUpToDate: Int { max(0, ticketsAsked - ticketsWaiting - ticketsInFlight) }

  var asksOpen: Int { asks - asksDelivered - asksDead - asksDropped }
}

/// The queries that follow the demo, as you would type them into `sqlite3`.
private enum Query {
  /// A ticket is in the view under its key and under its token, which are the same here, and a
  /// third time if it is in flight and was asked for again.
  static let waiting = """
    select count(distinct lane) from queue
    where kind in ('preview', 'key') and lane not in (select lane from in_flight)
    """
  static let inFlight = "select count(*) from in_flight where kind = 'preview'"
  static let stats = "select figure, value from stats"
  static let pace = "select last_second from budgets where api = 'preview'"
  /// Numbered without the requests for access tokens, as the figure `calls` counts them.
  static let lastCalls = """
    select
      call - (select count(*) from recent_calls as auth where api = 'auth' and call < made.call),
      lanes, audience, outcome, took_ms, api
    from recent_calls as made where api <> 'auth' limit 4
    """
}

extension DemoFigures {
  init(_ inspector: borrowing Inspector) throws(QueueError) {
    ticketsWaiting = try Self.number(Query.waiting, inspector)
    ticketsInFlight = try Self.number(Query.inFlight, inspector)
    let stats = try inspector.rows(Query.stats).rows
    let value = { (figure: String) in
      stats.first { $0[0] == .text(figure) }?[1].number ?? 0
    }
    asksDelivered = value("asks delivered")
    asksDead = value("asks dead")
    asksDropped = value("asks expired") + value("asks cancelled")
    calls = value("calls")
    refusals = value("calls not delivered")
    callsLastSecond = try Self.number(Query.pace, inspector)
    lastCalls = try inspector.rows(Query.lastCalls).rows.map(Call.init)
  }

  /// Returns 0 if there is no row yet.
  private static func number(
    _ sql: String, _ inspector: borrowing Inspector
  ) throws(QueueError) -> Int {
    try inspector.rows(sql).rows.first?[0].number ?? 0
  }
}

extension DemoFigures.Call {
  fileprivate init(_ row: [Cell]) {
    number = row[0].number
    let lanes = row[1].number
    load =
      switch row[5].text {
      case "preview": "\(counted(lanes, "ticket")) for \(row[2].text)"
      case let kind: "a \(kind)"
      }
    outcome = row[3].text
    took_ms = row[4] == .null ? nil : row[4].number
  }
}
