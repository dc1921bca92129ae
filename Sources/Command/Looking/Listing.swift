import Larkspur
import Planning
import QueueAccess
import Terminal

/// `list`: the lanes that wait, are dead or are idle.
struct Listing: Equatable {
  enum State: String, CaseIterable {
    case new, delayed, expired, ready, waiting, paused, parked, dead, idle
    case inFlight = "in flight"

    var isPending: Bool { self != .dead && self != .idle && self != .expired }
  }

  var state: State?
  var limit: Int?
  /// Only this lane.
  var lane: String?
  var kind: Aim?
  /// Only what was asked for, or died or was delivered, within this span.
  var since_ms: Int?

  init() {}

  init(_ options: Options) throws(Failure) {
    if let extra = options.operands.dropFirst().first {
      let word = printable(extra)
      throw Failure(
        .usage, "larkspur list takes one lane; '\(word)' is too much", fix: "leave '\(word)' out")
    }
    lane = options.operands.first
    if let word = options.one("--state") { state = try Self.state(word) }
    if let word = options.one("--limit") { limit = try Self.limit(word) }
    if let word = options.one("--kind") { kind = try Aim(word: word) }
    if let word = options.one("--since") { since_ms = try parseDuration(word) }
  }

  private static func state(_ word: String) throws(Failure) -> State {
    // A space needs quotes in a shell, so `in-flight` and `in_flight` are accepted too.
    let name = String(word.map { "-_".contains($0) ? " " : $0 })
    if let state = State(rawValue: name) { return state }
    let all = State.allCases.map(\.rawValue)
    let near = nearest(to: name, among: all).map { " (did you mean '\($0)'?)" } ?? ""
    throw Failure(
      .usage,
      "unknown state '\(printable(word))'\(near); use one of \(all.joined(separator: ", "))")
  }

  static func limit(_ word: String) throws(Failure) -> Int {
    guard let limit = Int(word), limit > 0 else {
      throw Failure(.usage, "--limit takes a whole number of 1 or more, not '\(printable(word))'")
    }
    return limit
  }

  func run(_ global: GlobalOptions) throws(Failure) {
    if global.wantsJSON { UTCText.useUTC() }
    let place = try global.queue()
    let inspector = try place.inspector()
    let count =
      global.wantsJSON ? try printObjects(inspector, global) : try printTable(inspector, global)
    if count == 0 {
      global.say(nothing(global))
    } else if state?.isPending ?? true {
      try sayObstacles(place, inspector, global)
    }
  }

  /// The list says until when a lane waits, but not whether a worker will serve it.
  private func sayObstacles(
    _ place: QueuePlace, _ inspector: borrowing Inspector, _ global: GlobalOptions
  ) throws(Failure) {
    if global.isQuiet { return }
    let wait = try withSentences { () throws(QueueError) in
      try StatusFigures.oldestUnseen_ms(inspector)
    }
    let worker = WorkerReport(queue: place.path, asksWait: wait, account: global.account)
    for sentence in worker.obstacles { global.say(sentence) }
  }

  /// Nobody reads a longer table.
  static let rowsForPeople = 1_000

  private func printTable(
    _ inspector: borrowing Inspector, _ global: GlobalOptions
  ) throws(Failure) -> Int {
    let most = limit ?? Self.rowsForPeople
    let (sql, values) = query(global, limit: most < .max ? most + 1 : most)
    let found = try withSentences { () throws(QueueError) in try inspector.rows(sql, values) }
    return show(found, most: most, global)
  }

  /// The number of rows shown.
  func show(_ found: Rows, most: Int, _ global: GlobalOptions) -> Int {
    if found.rows.isEmpty { return 0 }
    let shown = Rows(columns: found.columns, rows: Array(found.rows.prefix(most)))
      .without("result")
    let usual = [
      "account": "default", "kind": "preview", "audience": "", "attempts": "0", "last_error": "",
      "because": "", "last_delivered": "", "urgent": "0",
    ]
    Output.result(Table(shown, leavingOut: usual).text)
    if found.rows.count > most {
      global.say("showing the first \(grouped(most)); use --limit N for more, --json for all")
    }
    return shown.rows.count
  }

  private func printObjects(
    _ inspector: borrowing Inspector, _ global: GlobalOptions
  ) throws(Failure) -> Int {
    let (sql, values) = query(global, limit: limit ?? -1)
    var lines = GatheredLines()
    try withSentences { () throws(QueueError) in
      try inspector.each(sql, values) { lines.append(Self.object($0, $1)) }
    }
    try lines.print()
    return lines.count
  }

  static func object(_ columns: [String], _ row: [Cell]) -> String {
    let texts = Dictionary(zip(columns, row.map(\.text))) { first, _ in first }
    return JSONObject(
      zip(columns, row).map { column, cell in
        let value = JSONObject.Value(cell)
        return switch (column, cell) {
        case ("since", _), ("next", _), ("died", _), ("last_delivered", _):
          (column, UTCText.iso8601(value))
        case ("result", .text(let json)): (column, .json(json))
        case ("urgent", .int(let urgent)): (column, .json("\(urgent == 1)"))
        default: (column, value)
        }
      } + numbers(texts)
    ).text
  }

  /// What the view says in words: how many users the lane has to reach, and when it goes.
  private static func numbers(_ row: [String: String]) -> [(String, JSONObject.Value)] {
    guard let audience = row["audience"], let next = row["next"] else { return [] }
    let people = audience.split(separator: " ").first.flatMap { Int($0) }
    let moment = UTCText.iso8601(.text(next))
    let isMoment = if case .text(let text) = moment { text != next } else { false }
    return [
      ("people", .of(people)), ("everyone", .json("\(audience == "everyone")")),
      ("next_at", isMoment ? moment : .null),
    ]
  }

  private func query(_ global: GlobalOptions, limit: Int) -> (sql: String, values: [Value]) {
    let hasView = state == .dead || state == .idle
    let view = hasView ? state?.rawValue ?? "" : "queue"
    let wanted = hasView ? nil : state?.rawValue
    return (
      """
      select * from \(view)
      where (?1 is null or account = ?1)\(wanted == nil ? "" : " and state = ?2")
        and (?4 is null or lane = ?4) and (?5 is null or kind = ?5)
        and (?6 is null
          or \(moment) >= datetime((select now_ms + skew_ms from clock) / 1000 - ?6 / 1000, 'unixepoch', 'localtime'))
      limit ?3
      """,
      [
        .of(global.account), .of(wanted), .int(limit), .of(lane), .of(kind?.rawValue),
        .of(since_ms),
      ]
    )
  }

  /// The column that says when it happened.
  var moment: String {
    switch state {
    case .dead: "died"
    case .idle: "last_delivered"
    default: "since"
    }
  }

  func nothing(_ global: GlobalOptions) -> String {
    let place = global.account.map { " in account '\(printable($0))'" } ?? ""
    return switch state {
    case nil: "nothing pending\(place)"
    case let state?: "nothing \(state.rawValue)\(place)"
    }
  }
}

extension Rows {
  /// Drops a column. Feishu's answers are too long for a table.
  fileprivate func without(_ column: String) -> Rows {
    guard let index = columns.firstIndex(of: column) else { return self }
    var rest = self
    rest.columns.remove(at: index)
    for row in rest.rows.indices { rest.rows[row].remove(at: index) }
    return rest
  }
}
