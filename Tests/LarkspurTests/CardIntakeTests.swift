import Testing

@testable import Larkspur

/// The checks on a card's batch, however it is asked for.
struct CardIntakeTests {
  static let plain = #"{"action":"delete_elements","params":{"element_ids":["a"]}}"#

  /// The message that SQL gets for this row; nil if the row is accepted.
  private func refusal(_ body: String, card: String = "7355439197428236291") throws -> String? {
    try QueueFile.inMemory().refusal(
      of: "insert into ask (kind, lane, body) values ('card', \(quoted(card)), \(quoted(body)))")
  }

  private func quoted(_ text: String) -> String {
    "'\(text.replacing("'", with: "''"))'"
  }

  static let documented = [
    #"{"action":"partial_update_setting","params":{"config":{"streaming_mode":true}}}"#,
    #"{"action":"partial_update_setting","params":{"card_link":{"url":"https://a"}}}"#,
    #"{"action":"partial_update_setting","params":{"settings":{"config":{}}}}"#,
    #"{"action":"partial_update_setting","params":{"settings":{"card_link":{},"config":{}}}}"#,
    #"{"action":"add_elements","params":{"type":"append","elements":[{"tag":"hr"}]}}"#,
    """
    {"action":"add_elements","params":{"type":"insert_before","target_element_id":"t",\
    "elements":[{"tag":"markdown","id":"md_1"},{"tag":"markdown","element_id":"md_2"}]}}
    """,
    """
    {"action":"add_elements","params":{"type":"insert_after","target_element_id":"t",\
    "elements":[{"tag":"hr"}]}}
    """,
    #"{"action":"delete_elements","params":{"element_ids":["a","b"]}}"#,
    #"{"action":"partial_update_element","params":{"element_id":"a","partial_element":{}}}"#,
    #"{"action":"update_element","params":{"element_id":"a","element":{"tag":"hr"}}}"#,
    // Anything else in an action is left to Feishu.
    #"{"action":"delete_elements","params":{"element_ids":["a"],"more":1},"more":2}"#,
  ]

  @Test(arguments: documented)
  func `an action is accepted under the names of either documentation`(action: String) throws {
    #expect(try refusal(#"{"actions":[\#(action)]}"#) == nil)
  }

  static let wrong: [(String, String)] = [
    (#"1"#, "it is not {"), (#""abc""#, "it is not {"), ("null", "it is not {"),
    ("[]", "it is not"),
    ("{}", "it is not {"), (#"{"action":7,"params":{}}"#, "it is not {"),
    (#"{"action":"delete_elements"}"#, "it is not {"),
    (#"{"action":"delete_elements","params":[]}"#, "it is not {"),
    (#"{"action":"delete","params":{}}"#, "there is no such action; there are partial_update_s"),
    (#"{"action":"partial_update_setting","params":{}}"#, "needs config or card_link"),
    (#"{"action":"partial_update_setting","params":{"config":1}}"#, "needs config or card_link"),
    (#"{"action":"partial_update_setting","params":{"settings":{}}}"#, "needs config or card_link"),
    (#"{"action":"partial_update_setting","params":{"settings":"{}"}}"#, "needs config or card_l"),
    (
      #"{"action":"partial_update_setting","params":{"config":{},"card_link":"x"}}"#,
      "needs config or card_link, an object"
    ),
    (#"{"action":"add_elements","params":{"elements":[{"tag":"hr"}]}}"#, "needs type: insert_"),
    (#"{"action":"add_elements","params":{"type":"on_top"}}"#, "needs type: insert_before"),
    (
      #"{"action":"add_elements","params":{"type":"insert_after","elements":[{"tag":"hr"}]}}"#,
      "needs target_element_id, unless its type is append"
    ),
    (
      #"{"action":"add_elements","params":{"type":"insert_after","target_element_id":""}}"#,
      "target_element_id must be a string that is not empty"
    ),
    (
      #"{"action":"add_elements","params":{"type":"append","target_element_id":1}}"#,
      "target_element_id must be a string"
    ),
    (#"{"action":"add_elements","params":{"type":"append"}}"#, "needs elements, a list of objects"),
    (#"{"action":"add_elements","params":{"type":"append","elements":[]}}"#, "needs elements, a"),
    (#"{"action":"add_elements","params":{"type":"append","elements":["x"]}}"#, "needs elements"),
    (#"{"action":"add_elements","params":{"type":"append","elements":[{}]}}"#, "with a tag"),
    (#"{"action":"delete_elements","params":{}}"#, "needs element_ids, a list of strings"),
    (#"{"action":"delete_elements","params":{"element_ids":[]}}"#, "needs element_ids"),
    (#"{"action":"delete_elements","params":{"element_ids":"a"}}"#, "needs element_ids"),
    (#"{"action":"delete_elements","params":{"element_ids":["a",1]}}"#, "needs element_ids"),
    (#"{"action":"delete_elements","params":{"element_ids":[""]}}"#, "that are not empty"),
    (
      #"{"action":"partial_update_element","params":{"partial_element":{}}}"#,
      "partial_update_element needs element_id"
    ),
    (
      #"{"action":"partial_update_element","params":{"element_id":"a","partial_element":"{}"}}"#,
      "needs partial_element, an object"
    ),
    (
      #"{"action":"update_element","params":{"element_id":"","element":{"tag":"hr"}}}"#,
      "update_element needs element_id, a string that is not empty"
    ),
    (#"{"action":"update_element","params":{"element_id":"a"}}"#, "needs element, an object with"),
    (
      #"{"action":"update_element","params":{"element_id":"a","element":{}}}"#,
      "needs element, an object with a tag"
    ),
  ]

  @Test(arguments: wrong)
  func `a wrong action is refused by its index`(action: String, sentence: String) throws {
    let message = try refusal(#"{"actions":[\#(Self.plain),\#(Self.plain),\#(action)]}"#)
    #expect(message?.hasPrefix("action 2: ") == true, "\(message ?? "accepted")")
    #expect(message?.contains(sentence) == true, "\(message ?? "accepted")")
  }

  static let bodies: [(String, String)] = [
    ("[]", "the body must be a JSON object"), ("{", "the body must be a JSON object"),
    ("{}", "actions must be a JSON list"), (#"{"actions":{}}"#, "actions must be a JSON list"),
    (#"{"actions":"[]"}"#, "actions must be a JSON list"),
    (#"{"actions":[]}"#, "actions is empty: nothing would change"),
    (#"{"actions":[\#(plain)],"actions":[]}"#, "the body names a key twice"),
    (#"{"actions":[\#(plain)],"n":1}"#, "unknown key; a card takes actions, uuid and sequence"),
    (#"{"act\u0069ons":[1]}"#, "actions must be a JSON list"),
  ]

  @Test(arguments: bodies)
  func `a body without a list of actions is refused`(body: String, sentence: String) throws {
    let message = try refusal(body)
    #expect(message?.contains(sentence) == true, "\(message ?? "accepted")")
  }

  static let names = [
    (#""""#, false), (#""\#(String(repeating: "票", count: 64))""#, true),
    (#""\#(String(repeating: "票", count: 65))""#, false), ("7", false), ("null", false),
    (#""a\u0000b""#, false),
  ]

  @Test(arguments: names, ["uuid", #"u\u0075id"#])
  func `a uuid has 1 to 64 characters`(uuid: (value: String, isGood: Bool), key: String) throws {
    let message = try refusal(#"{"actions":[\#(Self.plain)],"\#(key)":\#(uuid.value)}"#)
    #expect((message == nil) == uuid.isGood, "\(message ?? "accepted")")
  }

  static let numbers = [
    ("1", true), ("2147483647", true), ("0", false), ("-1", false), ("2147483648", false),
    ("99999999999999999999", false), ("1.0", false), ("1e3", false), (#""1""#, false),
    ("null", false),
  ]

  @Test(arguments: numbers, ["sequence", #"sequenc\u0065"#])
  func `a sequence is a positive int32`(
    sequence: (value: String, isGood: Bool), key: String
  ) throws {
    let message = try refusal(#"{"actions":[\#(Self.plain)],"\#(key)":\#(sequence.value)}"#)
    #expect((message == nil) == sequence.isGood, "\(message ?? "accepted")")
  }

  @Test(arguments: [
    ("", false), ("1", true), ("12345678901234567890", true), ("123456789012345678901", false),
    ("a b", false), ("票", false), (".", false), ("..", false), ("...", true),
  ])
  func `a card_id has 1 to 20 characters`(card: String, isGood: Bool) throws {
    let message = try refusal(#"{"actions":[\#(Self.plain)]}"#, card: card)
    #expect((message == nil) == isGood, "\(message ?? "accepted")")
  }

  /// A batch whose text is so long without the blanks between its values.
  static func batch(of length: Int, _ character: Character) -> String {
    let start =
      #"[{"action":"update_element","params":{"element_id":"a","element":{"tag":"t","content":""#
    let end = #""}}}]"#
    return start + String(repeating: character, count: length - start.count - end.count) + end
  }

  @Test(arguments: ["x", "票", "😀"] as [Character])
  func `actions have at most a million characters, of any size`(character: Character) throws {
    #expect(try refusal(#"{ "actions" : \#(Self.batch(of: 1_000_000, character)) }"#) == nil)
    let message = try refusal(#"{"actions":\#(Self.batch(of: 1_000_001, character))}"#)
    #expect(message?.contains("longer than 1,000,000 characters") == true)
  }
}

/// Cards from Swift.
struct SwiftCardTests {
  private func body(_ ask: Ask) throws -> String? {
    let folder = try TemporaryFolder()
    let intake = try Intake(queue: folder.queue)
    let id = try intake.add([ask])[0]
    return try intake.db.first("select body from ask where id = ?", .int(id)) {
      (row) throws(StoreError) in row.text(0)
    }
  }

  private func refusal(_ ask: Ask) throws -> QueueError? {
    do {
      _ = try body(ask)
      return nil
    } catch {
      return error as? QueueError
    }
  }

  @Test func `a batch is kept as it was given, without the blanks between its values`() throws {
    let actions = """
      [ {"action": "delete_elements",
         "params": {"element_ids": ["a b", "\\u7968\\"", "😀"], "n": 1.50}} ]
      """
    #expect(
      try body(.card("1", actions: actions)) == """
        {"actions":[{"action":"delete_elements",\
        "params":{"element_ids":["a b","\\u7968\\"","😀"],"n":1.50}}]}
        """)
  }

  @Test func `its uuid and sequence go along`() throws {
    let ask = Ask.card("1", actions: "[\(CardIntakeTests.plain)]", uuid: "a\"b", sequence: 7)
    #expect(
      try body(ask) == #"{"sequence":7,"uuid":"a\"b","actions":[\#(CardIntakeTests.plain)]}"#)
  }

  @Test(arguments: [
    "", "[", "actions", #"[],"uuid":"mine""#, #"[{}]}"#, #"{"actions":[]}"#, #""[]""#, "null",
    "[\(CardIntakeTests.plain)]\0", "[\(CardIntakeTests.plain)] []", "[{action:1}]",
  ])
  func `text that is not a JSON list cannot change the shape of the body`(actions: String) throws {
    #expect(
      try refusal(.card("1", actions: actions))
        == QueueError(.refused, #"actions must be a JSON list of {"action":…,"params":{…}}"#))
  }

  @Test func `a wrong action is a refusal in a clean sentence`() throws {
    let error = try refusal(
      .card("1", actions: #"[{"action":"delete_elements","params":{"element_ids":[7]}}]"#))
    #expect(
      error
        == QueueError(
          .refused,
          "action 0: delete_elements needs element_ids, a list of strings that are not empty"))
  }
}

struct ActionRefusalTests {
  private func error(_ message: String, code: Int32 = 1) -> StoreError {
    StoreError(code: code, message: message, sql: "insert into ask")
  }

  @Test(arguments: [
    "JSON path error near 'action 12: it isn''t so'", "bad JSON path: 'action 12: it isn''t so'",
  ])
  func `what each SQLite makes of the check's sentence is read`(message: String) {
    #expect(error(message).kind == .refused)
    #expect(error(message).message == "action 12: it isn't so")
  }

  @Test(arguments: [
    "JSON path error near 'action'", "JSON path error near 'action x: y'", "malformed JSON",
    "JSON path error near '$.action 1: y'", "bad JSON path: 'actions 1: y'",
    "near 'action 1: y'", "action 1: y",
  ])
  func `no other error is taken for a refusal`(message: String) {
    #expect(error(message).kind != .refused)
    #expect(error(message).message == message)
    #expect(error("JSON path error near 'action 1: y'", code: 10).kind != .refused)
  }
}
