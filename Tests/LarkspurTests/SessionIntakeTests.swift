import Testing

@testable import Larkspur

/// The checks on a session's fields, however they are asked for.
struct SessionIntakeTests {
  private func refusal(_ body: String, session: String = "session_4dfunz7sp1g8m") throws -> String?
  {
    try QueueFile.inMemory().refusal(
      of: "insert into ask (kind, lane, body) values ('session', '\(session)', '\(body)')")
  }

  @Test(arguments: [
    #"{"channel_context":""}"#, #"{"metadata":"{}"}"#, #"{"channel_context":"a","metadata":"b"}"#,
    #"{"metadata":"\ud83d\ude00"}"#, #"{"metadata":"\ufffd"}"#,
  ])
  func `one field or both are written`(body: String) throws {
    #expect(try refusal(body) == nil)
  }

  static let bodies: [(String, String)] = [
    ("[]", "the body must be a JSON object"), ("{}", "nothing to write: give channel_context"),
    (#"{"metadata":1}"#, "must be strings"), (#"{"metadata":{}}"#, "must be strings"),
    (#"{"metadata":null}"#, "must be strings"),
    (#"{"metadata":"a","metadata":"b"}"#, "the body names a key twice"),
    (#"{"metadata":"a","meta_data":"b"}"#, "unknown key; a session takes channel_context and"),
    (#"{"actions":[]}"#, "unknown key; a session takes channel_context and metadata"),
    (#"{"metadata":"a\u0000b"}"#, "contains \\u0000"),
    (#"{"metadata":"a\ud83d"}"#, "half of a character"),
    (#"{"metadata":"\ufffd\ude00"}"#, "half of a character"),
  ]

  @Test(arguments: bodies)
  func `anything else in it is refused`(body: String, sentence: String) throws {
    let message = try refusal(body)
    #expect(message?.contains(sentence) == true, "\(message ?? "accepted")")
  }

  @Test(
    arguments: ["channel_context", "metadata"],
    ["x", "票", "😀", #"\ud83d\ude00"#, #"\""#])
  func `a field has at most 255 characters, whatever they are`(
    field: String, character: String
  ) throws {
    let text = { String(repeating: character, count: $0) }
    #expect(try refusal(#"{"\#(field)":"\#(text(255))"}"#) == nil)
    let message = try refusal(#"{"\#(field)":"\#(text(256))"}"#)
    #expect(message?.contains("at most 255 characters") == true, "\(message ?? "accepted")")
  }

  @Test(arguments: [
    ("session_1", true), ("session_0123456789abcdefghjkmnpq", true),
    ("session_0123456789abcdefghjkmnpqr", false), ("session_", false), ("session", false),
    ("Session_1", false), ("session_A", false), ("session_i", false), ("session_l", false),
    ("session_o", false), ("session_a-b", false), ("session_a/..", false), ("", false),
    (" session_1", false), ("session_1 ", false),
  ])
  func `an id is as documented`(session: String, isGood: Bool) throws {
    let message = try refusal(#"{"metadata":""}"#, session: session)
    #expect((message == nil) == isGood, "\(message ?? "accepted")")
  }

  @Test func `from Swift a field that is nil is left out`() throws {
    let folder = try TemporaryFolder()
    let intake = try Intake(queue: folder.queue)
    _ = try intake.add([
      .session("session_1", metadata: "票\"\n"), .session("session_1", channelContext: ""),
    ])
    let bodies = try intake.db.all("select body from ask order by id") {
      (row) throws(StoreError) in row.text(0)
    }
    #expect(bodies == [#"{"metadata":"票\"\n"}"#, #"{"channel_context":""}"#])
    #expect(
      throws: QueueError(.refused, "nothing to write: give channel_context, metadata or both")
    ) {
      try intake.add([.session("session_1")])
    }
  }
}
