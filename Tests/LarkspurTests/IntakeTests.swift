import Foundation
import Planning
import Testing

@testable import Larkspur

struct SQLIntakeTests {
  static let refusals: [(String, String)] = [
    ("(lane, body) values ('', '{\"everyone\":true}')", "the preview token is empty"),
    ("(lane, body) values ('a b', '{\"everyone\":true}')", "a space, a line break"),
    ("(lane, body) values ('a' || char(10), '{\"everyone\":true}')", "a space, a line break"),
    ("(lane, body) values ('a' || char(0) || 'b', '{\"everyone\":true}')", "a space, a line break"),
    ("(lane, body) values (char(27) || '[31m', '{\"everyone\":true}')", "a space, a line break"),
    ("(lane, body) values (cast(x'61ff62' as text), '{\"everyone\":true}')", "a space, a line"),
    ("(lane, body) values (hex(zeroblob(129)), '{\"everyone\":true}')", "longer than 256"),
    ("(lane, body) values ('t', 'open_ids')", "must be a JSON object"),
    ("(lane, body) values ('t', '[]')", "must be a JSON object"),
    ("(lane, body) values ('t', '{}')", "no audience"),
    ("(lane, body) values ('t', '{\"open_ids\":[]}')", "open_ids is empty"),
    ("(lane, body) values ('t', '{\"open_ids\":\"ou_1\"}')", "must be a list of strings"),
    ("(lane, body) values ('t', '{\"open_ids\":[1]}')", "must be a list of strings"),
    ("(lane, body) values ('t', '{\"open_ids\":[\"\"]}')", "an open_id is empty"),
    ("(lane, body) values ('t', '{\"open_ids\":[\"a\\nb\"]}')", "a character that no open_id has"),
    ("(lane, body) values ('t', '{\"everyone\":false}')", "everyone can only be true"),
    ("(lane, body) values ('t', '{\"everyone\":true,\"open_ids\":[\"a\"]}')", "two audiences"),
    ("(lane, body) values ('t', '{\"openids\":[\"a\"]}')", "unknown key"),
    (#"(lane, body) values ('t', '{"open\u005fids":["ou_1"]}')"#, "unknown key"),
    (#"(lane, body) values ('t', '{"open_ids":["a\u0000b"]}')"#, "a character that no open_id has"),
    ("(lane, body, asked_ms) values ('t', '{\"everyone\":true}', -1)", "asked_ms is not a time"),
    ("(kind, lane, body) values ('chat', 't', '{\"everyone\":true}')", "kind must be"),
    ("(account, lane, body) values ('a' || char(0, 27), 't', '{\"everyone\":true}')", "an account"),
    ("(account, lane, body) values ('a b', 't', '{\"everyone\":true}')", "an account name"),
    ("(lane, body, after_ms) values ('t', '{\"everyone\":true}', -1)", "after_ms must be"),
    ("(lane, body, expires_in_ms) values ('t', '{\"everyone\":true}', 0)", "expires_in_ms must"),
    (
      "(lane, body, after_ms, expires_in_ms) values ('t', '{\"everyone\":true}', 9, 9)",
      "it would expire before it may be sent"
    ),
    ("(lane, body, outcome) values ('t', '{\"everyone\":true}', 'dead')", "leave this column"),
    ("(lane, body, first_call) values ('t', '{\"everyone\":true}', 1)", "leave this column"),
    ("(id, lane, body) values (0, 't', '{\"everyone\":true}')", "leave the id out"),
    ("(lane, body) values (null, '{\"everyone\":true}')", "NOT NULL"),
    ("(lane, body) values ('t', null)", "must be a JSON object"),
    ("(lane, body, after_ms) values ('t', '{\"everyone\":true}', 'soon')", "TEXT value in INTEGER"),
  ]

  @Test(arguments: refusals)
  func `a row that breaks a rule is refused with a sentence that says which`(
    row: String, sentence: String
  ) throws {
    let queue = try QueueFile.inMemory()
    let message = queue.refusal(of: "insert into ask \(row)")
    #expect(message?.contains(sentence) == true, "\(message ?? "accepted")")
  }

  @Test func `any language may ask, also inside its own transaction`() throws {
    let folder = try TemporaryFolder()
    let intake = try Intake(queue: folder.queue)
    let stranger = try Connection(path: folder.queue, mode: .readWrite)
    let refusal = stranger.refusal(
      of: """
        begin immediate;
        insert into ask (lane, body) values ('a', '{"open_ids":["ou_1"]}');
        insert into ask (lane, body) values ('b', '{"everyone":true}');
        commit;
        """)
    #expect(refusal == nil)
    #expect(try intake.state(of: 2) == .open)
    #expect(try intake.state(of: 3) == nil)
  }

  @Test func `ids only grow, also when the newest asks are gone`() throws {
    let folder = try TemporaryFolder()
    let intake = try Intake(queue: folder.queue)
    let first = try intake.add([.preview("a", for: .everyone)])[0]
    try intake.db.execute("delete from ask")
    #expect(try intake.add([.preview("a", for: .everyone)])[0] > first)
  }
}

struct SwiftIntakeTests {
  @Test func `a server program asks and reads how its asks stand`() async throws {
    let folder = try TemporaryFolder()
    let queue = try await Queue(path: folder.queue)
    let one = try await queue.enqueue(.preview("a", for: .people(["ou_1"])))
    let many = try await queue.enqueue([
      .preview("b", for: .everyone), .preview("c", for: .people(["ou_2", "ou_3"])),
    ])
    #expect(many == [one + 1, one + 2])
    #expect(try await queue.state(of: one) == .open)
    #expect(try await queue.state(of: 99) == nil)
  }

  @Test func `asks are written all or none`() async throws {
    let folder = try TemporaryFolder()
    let queue = try await Queue(path: folder.queue)
    await #expect(throws: QueueError.self) {
      try await queue.enqueue([.preview("a", for: .everyone), .preview("", for: .everyone)])
    }
    #expect(try await queue.state(of: 1) == nil)
  }

  @Test func `a refusal is the same sentence that SQL gets`() throws {
    let folder = try TemporaryFolder()
    let intake = try Intake(queue: folder.queue)
    #expect(throws: QueueError(.refused, "the preview token is empty")) {
      try intake.add([.preview("", for: .everyone)])
    }
  }

  @Test(arguments: [
    (Duration.milliseconds(1), 1), (.seconds(2), 2_000), (.microseconds(1), 1), (.zero, 0),
  ])
  func `a span is never rounded to less than was asked`(span: Duration, milliseconds: Int) {
    #expect(span.milliseconds == milliseconds)
  }

  @Test func `text becomes JSON that SQLite reads back as it was`() throws {
    let queue = try QueueFile.inMemory()
    let hostile = ["plain", "qu\"ote", "back\\slash", "new\nline", "\u{1}", "票", ""]
    let read = try queue.all("select value from json_each(?)", .text(JSONText.list(hostile))) {
      (row) throws(StoreError) in row.text(0)
    }
    #expect(read == hostile)
  }
}

struct BulkIntakeTests {
  static let refusals: [(String, String)] = [
    ("{\"token\":\"a\"", "not a JSON object"), ("[]", "not a JSON object"), ("1", "not a JSON"),
    ("{\"open_ids\":[\"ou_1\"]}", "no \"token\""),
    ("{\"token\":7,\"everyone\":true}", "not a string"),
    ("{\"token\":\"\",\"everyone\":true}", "empty"), ("{\"token\":\"a\"}", "no audience"),
    ("{\"token\":\"a\",\"token\":\"b\",\"everyone\":true}", "unknown key"),
    ("{\"token\":\"a\",\"everyone\":true,\"extra\":1}", "unknown key"),
    (#"{"token":"a\u0000b","everyone":true}"#, "which no token or open_id has"),
    ("{\"token\":\"a\\u0000\u{301}\",\"everyone\":true}", "which no token or open_id has"),
    (#"{"token":"a\\\u0000","everyone":true}"#, "which no token or open_id has"),
  ]

  @Test(arguments: refusals)
  func `a line that breaks a rule is found before anything is written`(
    line: String, sentence: String
  ) throws {
    var checker = try BulkIntake.Checker(BulkIntake.Common(.preview))
    let refusal = checker.refusal(of: line)
    #expect(refusal?.contains(sentence) == true, "\(refusal ?? "accepted")")
  }

  @Test func `lines become asks in their order, with what is common to all`() throws {
    let folder = try TemporaryFolder()
    let intake = try Intake(queue: folder.queue)
    var common = BulkIntake.Common(.preview)
    common.account = "shop"
    common.expiresIn_ms = 60_000
    let lines = [#"{"token":"a","open_ids":["ou_1"]}"#, #"{"everyone":true,"token":"b"}"#]
    let ids = try BulkIntake.write(lines, common, to: intake)
    #expect(ids == 1...2)
    let rows = try Inspector(queue: folder.queue).rows(
      "select account, lane, body, expires_in_ms from ask order by id")
    #expect(
      rows.rows == [
        [.text("shop"), .text("a"), .text(#"{"open_ids":["ou_1"]}"#), .int(60_000)],
        [.text("shop"), .text("b"), .text(#"{"everyone":true}"#), .int(60_000)],
      ])
  }

  static let others: [(Aim, String, String?)] = [
    (
      .lane(of: .card),
      #"{"card":"1","actions":[\#(CardIntakeTests.plain)],"uuid":"u","sequence":5}"#, nil
    ),
    (
      .lane(of: .card), #"{"card":"1","actions":[\#(CardIntakeTests.plain)],"uuid":"\\u0000"}"#, nil
    ),
    (.lane(of: .session), #"{"session":"session_1","metadata":"\\u0000"}"#, nil),
    (
      .lane(of: .session), #"{"session":"session_1","metadata":"\\\u0000"}"#, "which no session has"
    ),
    (
      .lane(of: .card), #"{"card":"1","actions":[{"action":"x","params":{}}]}"#,
      "action 0: there is no such"
    ),
    (.lane(of: .card), #"{"token":"1","actions":[]}"#, "it has no \"card\""),
    (.lane(of: .card), #"{"card":1,"actions":[]}"#, "its \"card\" is not a string"),
    (
      .lane(of: .card), #"{"card":"1","card":"2","actions":[\#(CardIntakeTests.plain)]}"#,
      "unknown key"
    ),
    (
      .lane(of: .card), #"{"card":"1\u0000","actions":[\#(CardIntakeTests.plain)]}"#,
      "which no card has"
    ),
    (.lane(of: .session), #"{"session":"session_1","channel_context":"","metadata":"x"}"#, nil),
    (.lane(of: .session), #"{"session":"session_1"}"#, "nothing to write"),
    (.lane(of: .session), #"{"session":"s","metadata":""}"#, "a session id is session_"),
    (.lane(of: .session), #"{"card":"session_1","metadata":""}"#, "it has no \"session\""),
    (.preview, #"{"session":"session_1","metadata":""}"#, "it has no \"token\""),
    (.previews(by: .key), #"{"key":"ticket-1","everyone":true}"#, nil),
    (.previews(by: .key), #"{"key":"ticket-1","viewers":true}"#, nil),
    (.previews(by: .key), #"{"key":"ticket-1","viewers":false}"#, "can only be true"),
    (.previews(by: .key), #"{"key":"ticket-1"}"#, "give one audience"),
    (
      .previews(by: .key), #"{"key":"ticket-1","everyone":true,"viewers":true}"#,
      "give one audience"
    ),
    (.previews(by: .key), #"{"key":"ticket-1","open_ids":["ou_1"]}"#, "takes everyone or viewers"),
    (.previews(by: .key), #"{"key":"ticket 1","everyone":true}"#, "contains a space"),
    (.previews(by: .key), #"{"url":"https://a","everyone":true}"#, "it has no \"key\""),
    (.previews(by: .url), #"{"url":"https://a.example/ü","viewers":true}"#, nil),
    (.previews(by: .url), #"{"url":"","viewers":true}"#, "1 to 2,048 characters"),
  ]

  @Test(arguments: others)
  func `lines of each kind are checked as such`(
    aim: Aim, line: String, sentence: String?
  ) throws {
    var checker = try BulkIntake.Checker(BulkIntake.Common(aim))
    let refusal = checker.refusal(of: line)
    #expect((refusal == nil) == (sentence == nil), "\(refusal ?? "accepted")")
    #expect(refusal?.contains(sentence ?? "") != false, "\(refusal ?? "accepted")")
  }

  @Test func `a line's lane is taken out of its body`() throws {
    let folder = try TemporaryFolder()
    let intake = try Intake(queue: folder.queue)
    let card = #"{ "card" : "1", "sequence" : 5, "actions" : [\#(CardIntakeTests.plain)] }"#
    let session = #"{"session":"session_1","metadata":"{}"}"#
    _ = try BulkIntake.write([card], BulkIntake.Common(.lane(of: .card)), to: intake)
    _ = try BulkIntake.write([session], BulkIntake.Common(.lane(of: .session)), to: intake)
    let rows = try Inspector(queue: folder.queue).rows(
      "select kind, lane, body from ask order by id")
    #expect(
      rows.rows == [
        [
          .text("card"), .text("1"),
          .text(#"{"sequence":5,"actions":[\#(CardIntakeTests.plain)]}"#),
        ],
        [.text("session"), .text("session_1"), .text(#"{"metadata":"{}"}"#)],
      ])
  }
}
