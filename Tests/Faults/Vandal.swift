import Chance
import Foundation
import Programs

/// Changes random rows of `ask` with `sqlite3`: any column gets any value, with the schema's
/// triggers on or off. If asked to, it changes rows of the worker's own tables as well. It leaves
/// other programs' asks and lanes alone.
struct Vandal {
  private let sqlite: Started
  private let input = Pipe()
  private var dice: Dice
  private var areTriggersOn = true
  private let changesTables: Bool

  init(at place: Place, _ dice: Dice, changesTables: Bool = false) throws {
    self.dice = dice
    self.changesTables = changesTables
    sqlite = try Programs.startOther("sqlite3", [place.queue], input: input)
    try type(".timeout 20000")
    try type("create temp table mine (id integer primary key);")
    for _ in 0..<20 { try insert() }
  }

  /// Whether this lane belongs to another program.
  static func leavesAlone(_ lane: String) -> Bool {
    lane.hasPrefix("token_") || lane.hasPrefix("card_")
      || ["session_1", "session_2"].contains(lane)
  }

  mutating func strike() throws {
    if dice.isLucky(onceIn: 8) {
      areTriggersOn.toggle()
      try type(".dbconfig enable_trigger \(areTriggersOn ? "on" : "off")")
    }
    if changesTables && dice.isLucky(onceIn: 3) {
      var damage = Damage(dice: dice)
      try type(damage.statement())
      dice = damage.dice
      return
    }
    switch dice.number(0...9) {
    case 0...3: try insert()
    case 4...5: try type("update or ignore ask set \(change()) where \(victim());")
    case 6: try type("update or replace ask set \(change()), \(change()) where \(victim());")
    case 7:
      try type("delete from ask where \(victim());")
      try type("delete from mine where id not in (select id from ask);")
    case 8: try replace()
    default: try endOrReopen()
    }
  }

  /// Ends `sqlite3` once everything typed has run. The last thing that it does is to ruin a row: it
  /// may have deleted all that were ruined before.
  func leave() async throws -> Programs.Finished {
    try type(".dbconfig enable_trigger off")
    try type(#"insert into ask (kind, lane, body) values ('foo', 'v_1', '{}');"#)
    try input.fileHandleForWriting.close()
    return try await sqlite.finished()
  }

  private func type(_ line: String) throws {
    try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
  }

  private mutating func insert() throws {
    let kind = dice.pick(["preview", "preview", "card", "session"])
    let (lane, body) = (lane(of: kind), body(of: kind))
    try type(
      """
      insert into ask (kind, lane, body, after_ms, expires_in_ms)
      values ('\(kind)', \(lane), \(body), \(dice.pick(["0", "0", "300"])), \
      \(dice.pick(["null", "null", "700", "60000"])));
      insert or ignore into mine values (last_insert_rowid());
      """)
  }

  private mutating func replace() throws {
    let columns = dice.isLucky() ? ["lane_id", "audience_id", "due_ms", "first_call"] : []
    let values = columns.map { value(of: $0) }
    let conflict =
      dice.isLucky()
      ? ";" : " on conflict (id) do update set \(change()), body = excluded.body;"
    try type(
      """
      \(conflict == ";" ? "replace" : "insert") into ask
        (\((["id", "kind", "lane", "body"] + columns).joined(separator: ", ")))
      select \(([Self.mine(dice.number(0...9_999)), value(of: "kind"), value(of: "lane"),
        value(of: "body")] + values).joined(separator: ", ")) where true\(conflict)
      """)
  }

  /// These two columns belong together.
  private mutating func endOrReopen() throws {
    let outcome = dice.pick([nil, "'delivered'", "'dead'", "'expired'", "'cancelled'"])
    try type(
      """
      update ask set outcome = \(outcome ?? "null"), ended_ms = \(outcome == nil ? "null" : "1"),
        reason = 'vandal' where \(victim());
      """)
  }

  /// One row, or occasionally all.
  private mutating func victim() -> String {
    if dice.isLucky(onceIn: 100) { return "id in (select id from mine)" }
    return "id = \(Self.mine(dice.number(0...9_999)))"
  }

  private static func mine(_ number: Int) -> String {
    "(select id from mine limit 1 offset \(number) % (select count(*) from mine))"
  }

  private mutating func change() -> String {
    let column = dice.pick([
      "id", "account", "kind", "lane", "body", "after_ms", "expires_in_ms", "asked_ms", "lane_id",
      "audience_id", "first_call", "due_ms", "expires_ms", "refused", "reason", "call_id",
    ])
    return "\(column) = \(value(of: column))"
  }

  private mutating func value(of column: String) -> String {
    switch column {
    // Ids that no other program gets.
    case "id": dice.isLucky() ? Self.mine(dice.number(0...9_999)) : "\(-dice.number(0...50))"
    case "account":
      dice.pick(["'default'", "''", "'a b'", "'x' || char(0)", "cast(x'ff' as text)"])
    case "kind": dice.pick(["'preview'", "'card'", "'session'", "'foo'", "''", "'Preview'"])
    case "lane": lane(of: dice.pick(["preview", "card", "session", "none"]))
    case "body": body(of: dice.pick(["preview", "card", "session", "none"]))
    // No valid long delay, because the ask would not end within the test.
    case "after_ms": dice.pick(["0", "1", "-1", "315360000001", Self.most, Self.least])
    case "expires_in_ms": dice.pick(["null", "0", "1", "-5", "90000", Self.most, Self.least])
    case "due_ms": dice.pick(["null", "0", "-1", "1700000000000", Self.most, Self.least])
    case "lane_id", "audience_id":
      dice.pick(["null", "0", "-1", Self.most] + (0..<6).map { _ in "\(dice.number(1...120))" })
    case "refused":
      dice.pick(["null", "'[]'", "'[\"ou_v1\"]'", "'{\"a\":1}'", "'5'", "'\"x\"'", "'[1,null]'"])
    case "reason": dice.pick(["null", "''", "'vandal'"])
    default: dice.pick(["null", "0", "1", "-1", "3", "1700000000000", Self.most, Self.least])
    }
  }

  private static let most = "9223372036854775807"
  private static let least = "(-9223372036854775807 - 1)"

  private mutating func lane(of kind: String) -> String {
    switch kind {
    case "preview", "card": "'v_\(dice.number(1...25))'"
    case "session": "'session_\(dice.number(7...9))'"
    default:
      dice.pick([
        "''", "'a b'", "'..'", "'票'", "hex(zeroblob(200))", "'v' || char(0) || 'w'",
        "cast(x'76ff' as text)", "'session_'",
      ])
    }
  }

  private mutating func body(of kind: String) -> String {
    switch kind {
    case "preview":
      dice.isLucky(onceIn: 5)
        ? #"'{"everyone":true}'"#
        : #"'{"open_ids":["ou_v\#(dice.number(1...5))","ou_v\#(dice.number(6...9))"]}'"#
    case "card":
      #"'{"actions":[{"action":"delete_elements","params":{"element_ids":["v\#(dice.number(1...9))"]}}]}'"#
    case "session": #"'{"metadata":"\#(dice.number(1...9))"}'"#
    default:
      dice.pick([
        "''", "'open_ids'", "'{'", "'[]'", "'null'", "'5'", "'{}'", #"'{"open_ids":[]}'"#,
        #"'{"open_ids":[1]}'"#, #"'{"open_ids":["a b"]}'"#, #"'{"open_ids":"ou_v1"}'"#,
        #"'{"open_ids":[null,{}]}'"#, #"'{"everyone":false}'"#, #"'{"actions":[]}'"#,
        #"'{"actions":"x"}'"#, #"'{"actions":[{}],"sequence":99999999999999999999}'"#,
        #"'{"metadata":7}'"#, #"'{"metadata":"' || hex(zeroblob(300)) || '"}'"#,
        "'{\"a\":\"' || char(0)",
        "cast(x'7bff7d' as text)", "'[' || hex(zeroblob(9000))",
      ])
    }
  }
}
