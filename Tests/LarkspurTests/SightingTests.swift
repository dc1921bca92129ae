import Foundation
import Testing

@testable import Larkspur

/// What a backend may insert into `sighting`, and what becomes of it.
final class SightingTests {
  let folder: TemporaryFolder
  /// A backend's own connection.
  let backend: Connection

  init() throws {
    folder = try TemporaryFolder()
    _ = try Intake(queue: folder.queue)
    backend = try Connection(path: folder.queue, mode: .readWrite)
  }

  private func rows(_ sql: String) throws -> [[Cell]] {
    try Inspector(queue: folder.queue).rows(sql).rows
  }

  private static let all = """
    (token, key, url, chat, open_id) values ('t', 'k', 'https://x/1', 'oc_1', 'ou_1')
    """

  @Test func `it is a preview that shows a key, with its link, chat and viewer`() throws {
    try backend.run(script: "insert into sighting \(Self.all)")
    #expect(
      try rows("select account, token, keys, url, chat, viewers, audience from previews") == [
        [
          .text("default"), .text("t"), .text("k"), .text("https://x/1"), .text("oc_1"), .int(1),
          .text("1 person"),
        ]
      ])
    #expect(
      try rows("select key, previews, viewers, asks, dropped from keys") == [
        [.text("k"), .int(1), .int(1), .int(0), .int(0)]
      ])
    #expect(
      try rows("select seen = date() from previews union all select seen = date() from keys")
        .allSatisfy { $0 == [.int(1)] })
    #expect(try rows("select * from sighting").isEmpty)
  }

  static let refusals: [(String, String)] = [
    ("(key) values ('k')", "the preview token is missing; a draft has none yet"),
    ("(token, key) values ('', 'k')", "the preview token is missing"),
    ("(token, key) values (x'', 'k')", "the preview token is missing"),
    ("(token, key) values (hex(zeroblob(129)), 'k')", "the preview token is longer than 256"),
    ("(token, key) values ('a b', 'k')", "the preview token contains a space"),
    ("(token, key) values ('a' || char(0), 'k')", "the preview token contains a space"),
    ("(token, key) values ('<token>', 'k')", "the preview token is still a placeholder"),
    ("(token, key) values ('https://x/1', 'k')", "that is a URL, not a preview token"),
    ("(token, key) values ('{token}', 'k')", "the preview token is still a placeholder"),
    ("(token, key) values ('{{token}}', 'k')", "the preview token is still a placeholder"),
    ("(token, key) values ('$TOKEN', 'k')", "the preview token is still a placeholder"),
    ("(token, key) values ('${TOKEN}', 'k')", "the preview token is still a placeholder"),
    ("(token, key) values ('%s', 'k')", "the preview token is still a placeholder"),
    ("(token, key) values ('YOUR_TOKEN', 'k')", "the preview token is still a placeholder"),
    ("(token, key) values (cast('your-token' as blob), 'k')", "is still a placeholder"),
    ("(token, key) values ('example.com/1', 'k')", "that is a URL, not a preview token"),
    ("(token) values ('t')", "the key is missing: name what the preview shows"),
    ("(token, key) values ('t', '')", "the key is missing"),
    ("(token, key) values ('t', x'')", "the key is missing"),
    ("(token, key) values ('t', hex(zeroblob(129)))", "the key is longer than 256 characters"),
    ("(token, key) values ('t', 'a b')", "the key contains a space, a line break or a character"),
    ("(token, key) values ('t', '工单')", "that is not ASCII; use an id, for example ticket-1041"),
    ("(token, key) values ('t', 'a' || char(0) || 'b')", "the key contains a space"),
    ("(token, key, account) values ('t', 'k', '')", "an account name is 1 to 64 letters"),
    ("(token, key, account) values ('t', 'k', 'a b')", "an account name is 1 to 64 letters"),
    ("(token, key, account) values ('t', 'k', 'a' || char(0))", "an account name is 1 to 64"),
    ("(token, key, url) values ('t', 'k', hex(zeroblob(1025)))", "the URL is longer than 2,048"),
    ("(token, key, url) values ('t', 'k', 'a' || char(0))", "the URL is longer than 2,048"),
    ("(token, key, chat) values ('t', 'k', 'a b')", "the chat is not a chat_id"),
    ("(token, key, chat) values ('t', 'k', hex(zeroblob(65)))", "the chat is not a chat_id"),
    ("(token, key, open_id) values ('t', 'k', 'on_1')", "an open_id begins with ou_"),
    ("(token, key, open_id) values ('t', 'k', 'ou_')", "an open_id begins with ou_"),
    ("(token, key, open_id) values ('t', 'k', 'ou_1,ou_2')", "an open_id begins with ou_"),
  ]

  @Test(arguments: refusals)
  func `a row that breaks a rule is refused with a sentence that says which`(
    row: String, sentence: String
  ) throws {
    let message = backend.refusal(of: "insert into sighting \(row)")
    #expect(message?.contains(sentence) == true, "\(message ?? "accepted")")
  }

  @Test(arguments: [
    "eyJhbGciOi.eyJzdWIi/x.SflKxw", "a/b.c", "a.b", "abc.de", "%2Fabc", "a%s", "yourself", "0.5/7=",
    "w00aGVsbG8_d29ybGQ", "a/b+c==", "</script>", "~'`{}[]",
  ])
  func `a token that may be asked for may be seen`(token: String) throws {
    let intake = try Intake(queue: folder.queue)
    try intake.saw([Sighting(token, keys: ["k"])])
    #expect(try rows("select token from previews") == [[.text(token)]])
    #expect(try intake.add([.preview(token, for: .everyone)]) == [1])
  }

  @Test(arguments: ["{token}", "$TOKEN", "YOUR_TOKEN", "www.feishu.cn/docx/abc"])
  func `one that may not is refused from Swift with the same sentence`(token: String) throws {
    let intake = try Intake(queue: folder.queue)
    let asking = #expect(throws: QueueError.self) {
      try intake.add([.preview(token, for: .everyone)])
    }
    let seeing = #expect(throws: QueueError.self) {
      try intake.saw([Sighting(token, keys: ["k"])])
    }
    #expect(seeing?.kind == .refused && seeing?.description == asking?.description)
  }

  @Test func `numbers and blobs become text`() throws {
    try backend.run(
      script: """
        insert into sighting (token, key, account) values (12, 1041, 7);
        insert into sighting (token, key, account) values (x'3132', x'31303431', x'37');
        """)
    #expect(
      try rows("select account, token, keys from previews") == [
        [.text("7"), .text("12"), .text("1041")]
      ])
  }

  @Test func `keys and tokens differ by case`() throws {
    try backend.run(
      script: """
        insert into sighting (token, key) values ('t', 'k'), ('t', 'K'), ('T', 'k');
        """)
    #expect(
      try rows("select token, keys from previews order by token") == [
        [.text("T"), .text("k")], [.text("t"), .text("K k")],
      ])
  }

  @Test func `a signature has no chat, and a preview may have no link and no viewer`() throws {
    try backend.run(
      script: """
        insert into sighting (token, key, url, chat, open_id) values ('a', 'k', '', '', '');
        insert into sighting (token, key) values ('b', 'k');
        """)
    #expect(
      try rows("select url, chat, viewers, audience from previews")
        == [[Cell]](repeating: [.null, .null, .int(0), .text("everyone")], count: 2))
  }

  @Test func `what is known of a preview stays when a sighting does not say it`() throws {
    try backend.run(
      script: """
        insert into sighting \(Self.all);
        insert into sighting (token, key) values ('t', 'k');
        insert into sighting (token, key, url) values ('t', 'k', 'https://x/2');
        """)
    #expect(
      try rows("select url, chat, viewers from previews") == [
        [.text("https://x/2"), .text("oc_1"), .int(1)]
      ])
  }

  private static let clauses = [
    "", "or abort", "or fail", "or ignore", "or replace", "or rollback",
  ]

  @Test(arguments: clauses)
  func `one that says nothing new writes nothing and wakes nobody`(clause: String) throws {
    try backend.run(script: "insert into sighting \(Self.all)")
    let other = try Connection(path: folder.queue, mode: .readWrite)
    func version() throws -> Int? {
      try other.first("pragma data_version") { (row) throws(StoreError) in row.int(0) }
    }
    func logSize() throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: folder.queue + "-wal")[.size] as? Int
    }
    let before = (try version(), try logSize())
    try backend.run(script: "insert \(clause) into sighting \(Self.all)")
    let after = (try version(), try logSize())
    #expect(before == after && before.1 != nil)
  }

  @Test(arguments: clauses)
  func `the 17th key is refused, and nothing of its statement stays`(clause: String) throws {
    try backend.run(
      script: """
        insert into sighting (token, key) select 't', 'k' || value
        from json_each('[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]')
        """)
    let message = backend.refusal(
      of: """
        insert \(clause) into sighting (token, key) values ('u', 'new'), ('t', 'k16'), ('t', 'k17')
        """)
    #expect(message == SightingChecker.tooManyKeys)
    #expect(try rows("select count(*) from keys") == [[.int(15)]])
    #expect(try rows("select token from previews") == [[.text("t")]])
  }

  @Test func `a preview with 16 keys is still seen with each of them`() throws {
    let sql = """
      insert into sighting (token, key) select 't', 'k' || value
      from json_each('[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]');
      """
    try backend.run(script: sql + sql)
    #expect(try rows("select count(*) from keys") == [[.int(16)]])
  }

  @Test func `one in the backend's own transaction is rolled back with it`() throws {
    try backend.run(
      script: """
        begin; insert into sighting \(Self.all); rollback;
        begin; insert into sighting (token, key) values ('u', 'l'); commit;
        """)
    #expect(try rows("select token, keys from previews") == [[.text("u"), .text("l")]])
    #expect(try rows("select key from keys") == [[.text("l")]])
  }

  @Test func `a refusal leaves the backend's transaction open, whatever the clause`() throws {
    for clause in Self.clauses {
      try backend.run(script: "begin; insert into sighting (token, key) values ('u', 'l')")
      #expect(backend.refusal(of: "insert \(clause) into sighting (key) values ('k')") != nil)
      try backend.run(script: "commit")
    }
    #expect(try rows("select token from previews") == [[.text("u")]])
  }

  @Test func `the figures count them`() throws {
    try backend.run(
      script: """
        insert into sighting (token, key) values ('a', 'k'), ('b', 'k'), ('b', 'l');
        update known_key set dropped = 5 where name = 'k';
        """)
    #expect(
      try rows(
        """
        select value from stats where figure in ('previews known', 'keys known', 'previews dropped')
        """) == [[.int(2)], [.int(2)], [.int(5)]])
  }
}

/// Sightings from Swift.
struct SwiftSightingTests {
  @Test func `all keys of a preview are recorded, or none`() async throws {
    let folder = try TemporaryFolder()
    let queue = try await Queue(path: folder.queue)
    try await queue.saw(
      "t", keys: ["ticket-1041", "build-7"], url: "https://x/1", chat: "oc_1", by: "ou_1")
    await #expect(throws: QueueError.self) { try await queue.saw("u", keys: ["k", "a b"]) }
    let rows = try Inspector(queue: folder.queue).rows(
      "select account, token, keys, url, chat, viewers from previews"
    ).rows
    #expect(
      rows == [
        [
          .text("default"), .text("t"), .text("build-7 ticket-1041"), .text("https://x/1"),
          .text("oc_1"), .int(1),
        ]
      ])
  }

  @Test func `a refusal is the same sentence that SQL gets`() async throws {
    let folder = try TemporaryFolder()
    let queue = try await Queue(path: folder.queue)
    let sentence = "the key is missing: name what the preview shows, for example ticket-1041"
    await #expect(throws: QueueError(.refused, sentence)) { try await queue.saw("t", keys: []) }
    await #expect(throws: QueueError.self) {
      try await queue.saw("t", keys: ["a\0b"], account: "shop")
    }
  }
}
