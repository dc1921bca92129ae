import Testing

@testable import Larkspur

/// `saw --from` records without the view `sighting`, and must leave the same behind.
struct RecordingCheckedTests {
  /// Tables in the order of names, without ids, which depend on the order of statements.
  private static let contents = [
    "select account, name, url, chat, seen_day from known_token order by 1, 2",
    "select account, name, asks, dropped from known_key order by 1, 2",
    """
    select known_key.account, known_key.name, known_token.account, known_token.name, tag.seen_day
    from tag join known_key on known_key.id = key_id join known_token on known_token.id = token_id
    order by 1, 2, 3, 4
    """,
    """
    select account, name, open_id, viewer.seen_day
    from viewer join known_token on known_token.id = token_id order by 1, 2, 3
    """,
  ]

  private func contents(_ folder: TemporaryFolder) throws -> [[[Cell]]] {
    let inspector = try Inspector(queue: folder.queue)
    return try Self.contents.map { try inspector.rows($0).rows }
  }

  private func sightings(_ dice: inout SystemRandomNumberGenerator) -> [Sighting] {
    (0..<300).map { _ in
      func pick(_ words: [String?]) -> String? { words.randomElement(using: &dice) ?? nil }
      let keys = (0..<Int.random(in: 1...3, using: &dice)).map { _ in
        "k\(Int.random(in: 0..<12, using: &dice))"
      }
      return Sighting(
        "t\(Int.random(in: 0..<40, using: &dice))", keys: keys,
        url: pick([nil, "", "https://x/1", "https://x/2"]), chat: pick([nil, "", "oc_1", "oc_2"]),
        openID: pick([nil, "", "ou_1", "ou_2", "ou_3"]), account: pick(["default", "shop"]) ?? "")
    }
  }

  @Test func `it leaves the same rows as the view, also over older ones`() throws {
    var dice = SystemRandomNumberGenerator()
    let all = sightings(&dice)
    let folders = try (0..<2).map { _ in try TemporaryFolder() }
    let intake = try Intake(queue: folders[0].queue)
    for sighting in all { try intake.saw([sighting]) }
    let other = try Intake(queue: folders[1].queue)
    try other.record(checked: all)
    #expect(try contents(folders[0]) == contents(folders[1]), "\(all)")
    let age = """
      update known_token set seen_day = seen_day - 3 where id % 2 = 0;
      update tag set seen_day = seen_day - 3 where token_id % 2 = 0;
      update viewer set seen_day = seen_day - 3 where token_id % 2 = 0;
      """
    try other.db.run(script: age)
    try other.record(checked: all)
    #expect(try contents(folders[0]) == contents(folders[1]), "\(all)")
  }

  @Test func `what is known already writes nothing`() throws {
    let folder = try TemporaryFolder()
    let intake = try Intake(queue: folder.queue)
    let sighting = Sighting("t", keys: ["k", "l"], url: "u", chat: "oc_1", openID: "ou_1")
    try intake.record(checked: [sighting])
    let before = try intake.db.first("select total_changes()") {
      (row) throws(StoreError) in row.int(0)
    }
    try intake.record(checked: [sighting])
    let after = try intake.db.first("select total_changes()") {
      (row) throws(StoreError) in row.int(0)
    }
    #expect(before == after && before != nil)
  }

  @Test func `a 17th key, recorded meanwhile, is refused with all of its transaction`() throws {
    let folder = try TemporaryFolder()
    let intake = try Intake(queue: folder.queue)
    try intake.saw([Sighting("t", keys: (1...16).map { "k\($0)" })])
    let late = [Sighting("u", keys: ["k1"]), Sighting("t", keys: ["k17"])]
    #expect(throws: QueueError(.refused, SightingChecker.tooManyKeys)) {
      try intake.record(checked: late)
    }
    #expect(try Inspector(queue: folder.queue).rows("select token from previews").rows == [["t"]])
  }
}

/// Two readers of the same JSON.
struct PlainLineTests {
  private static let plain = [
    "{}", " { \"a\" : [ 1 , \"b\" , null , true , false , {} , [] ] } ", #"{"a":"工单","a":0}"#,
    #"{"token":"t","keys":["k",7],"open_id":null}"#, "[]", "\"a\"", "7", "null",
    SightingLineTests.callback,
  ]

  @Test(arguments: plain)
  func `what programs write is read as SQLite reads it`(line: String) throws {
    let db = try Connection(path: ":memory:", mode: .memory)
    let tree = try #require(PlainLine.tree(line))
    #expect(try db.tree(line) == tree)
  }

  private static let rest = [
    "", "{", "{}}", "{\"a\"}", "{\"a\":}", "{,}", "[1,]", "{\"a\":1,}", #"{"a":"\u0041"}"#, "nul",
    #"{"a":"\n"}"#, "{\"a\":\"\t\"}", "1.5", "-1", "01", "1e3", "12345678901234567890", "{a:1}",
    String(repeating: "[", count: 40) + String(repeating: "]", count: 40), "{\"a\":1x}", "'a'",
  ]

  @Test(arguments: rest)
  func `the rest is left to SQLite`(line: String) { #expect(PlainLine.tree(line) == nil) }

  @Test func `SQLite reads escapes, in names too`() throws {
    let db = try Connection(path: ":memory:", mode: .memory)
    let tree = try db.tree(#"{"\u0061":["\"x\"",1.5,-2]}"#)
    #expect(
      tree
        == .object([(name: "a", value: .list([.string(#""x""#), .other, .integer("-2")]))]))
    #expect(try db.tree(#"{"a":"#) == nil)
  }
}
