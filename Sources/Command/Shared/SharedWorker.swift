import Larkspur
import Planning
import Terminal

/// A worker of a shared queue, as its rows there tell.
struct SharedWorker {
  let name: String
  private let accounts: Int
  private let since: String
  private let seen: String
  /// How long ago it was seen.
  let silence: Span

  /// Workers look at least each two seconds, and others notice within two more that one does not.
  private static let silenceOfNote: Span = .seconds(5)

  static func all(_ ask: SharedCommands.Ask) throws(Failure) -> [SharedWorker] {
    try ask(
      """
      select worker, accounts, since, seen, (seconds * 1000)::bigint
      from larkspur.workers order by worker, run
      """, []
    ).rows.map { row in
      SharedWorker(
        name: row[0].text, accounts: row[1].number, since: row[2].text, seen: row[3].text,
        silence: row[4].number)
    }
  }

  /// By the accounts that they hold.
  static func holders(_ ask: SharedCommands.Ask) throws(Failure) -> [String: SharedWorker] {
    let workers = Dictionary(
      try all(ask).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let held = try ask(
      "select account, worker from larkspur.accounts where worker is not null", []
    ).rows
    var holders: [String: SharedWorker] = [:]
    for row in held { holders[row[0].text] = workers[row[1].text] }
    return holders
  }

  var sentence: String {
    let holds = "\(printable(name)) holds \(counted(accounts, "account")); since \(since)"
    return silence < Self.silenceOfNote
      ? holds + ", last look \(seen)"
      : holds + ", but it has not looked since \(seen); another worker takes its accounts over"
  }

  var sight: String { "\(printable(name)), last look \(describeDuration(silence)) ago" }

  var object: JSONObject {
    JSONObject([
      ("worker", .text(name)), ("accounts", .int(accounts)),
      ("since", UTCText.iso8601(.text(since))), ("last_look", UTCText.iso8601(.text(seen))),
      ("silence_ms", .int(silence)),
    ])
  }
}
