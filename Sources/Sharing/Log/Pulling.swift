import Larkspur
import Planning

/// What was asked for, and what people have said.
extension SharedLog {
  /// All open asks of the accounts in `taken`, and what was asked for the others since a snapshot.
  package func pull(
    since: Snapshot?, taken: [String] = []
  ) throws(LogError) -> (Snapshot, [SharedAsk]) {
    let rows = try ask(
      """
      select snapshot, id, account, kind, lane, body, after_ms, expires_in_ms, urgent, asked_ms
      from larkspur.pull($1, $2, $3)
      """, [number, since?.text, Self.array(taken)])
    guard let snapshot = Snapshot(try Cells(rows.first).text(0)) else { throw .unreadable }
    return (snapshot, try Self.asks(in: rows, from: 1))
  }

  /// Those of these asks that are open and this run's.
  package func pullAgain(_ numbers: [Int]) throws(LogError) -> [SharedAsk] {
    let list = Self.array(numbers.map { String($0) })
    return try Self.asks(
      in: try ask("select * from larkspur.pull_again($1, $2)", [number, list]), from: 0)
  }

  /// The columns from `first` on are those of an ask; without a number there is none.
  private static func asks(in rows: [[String?]], from first: Int) throws(LogError) -> [SharedAsk] {
    var asks: [SharedAsk] = []
    for row in rows {
      let cells = Cells(Array(row.dropFirst(first)))
      guard let number = row[first].flatMap({ Int($0) }) else { continue }
      asks.append(
        SharedAsk(
          number: number, account: try cells.text(1), kind: try cells.text(2),
          lane: try cells.text(3), body: try cells.text(4), after: try cells.int(5),
          expiresIn: row[first + 6].flatMap { Int($0) }, isUrgent: try cells.int(7) == 1,
          asked: WallMoment(ms: try cells.int(8))))
    }
    return asks
  }

  /// What a person has said.
  package enum Word: Equatable, Sendable {
    case cancel(ask: Int)
    case retry(ask: Int)
    case resume(account: String)
  }

  /// What was said about this run's accounts since a snapshot.
  package func hear(since: Snapshot?) throws(LogError) -> (Snapshot, [Word]) {
    let rows = try ask(
      "select snapshot, what, account, ask_id from larkspur.hear($1, $2)", [number, since?.text])
    guard let snapshot = Snapshot(try Cells(rows.first).text(0)) else { throw .unreadable }
    var words: [Word] = []
    for row in rows {
      let cells = Cells(row)
      switch row[1] {
      case "cancel": words.append(.cancel(ask: try cells.int(3)))
      case "retry": words.append(.retry(ask: try cells.int(3)))
      case "resume": words.append(.resume(account: try cells.text(2)))
      default: break
      }
    }
    return (snapshot, words)
  }

  /// The previews that asks by key or URL among these stand for, as JSON; nil if there are no such asks.
  package func registered(for asks: [SharedAsk]) throws(LogError) -> String? {
    let wanted = asks.filter { Selector(rawValue: $0.kind) != nil }.map { ask in
      JSONText.object([
        ("account", JSONText.string(ask.account)), ("kind", JSONText.string(ask.kind)),
        ("name", JSONText.string(ask.lane)),
      ])
    }
    if wanted.isEmpty { return nil }
    let list = "[\(Set(wanted).sorted().joined(separator: ","))]"
    return try Cells(try ask("select larkspur.registered($1)", [list]).first).text(0)
  }
}
