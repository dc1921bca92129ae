import Testing

@testable import Sandbox

struct CardRulesTests {
  /// Only the rules about uuid and sequence.
  private func feishu(_ change: (inout RuleSettings) -> Void = { _ in }) -> Feishu {
    var settings = RuleSettings()
    settings.operationsPerCardAndSecond = 0
    change(&settings)
    return Feishu(settings)
  }

  @Test func `a good batch takes effect and is answered as documented`() {
    var feishu = feishu()
    let judgement = feishu.batch("card_1", 1, uuid: "u1", at: 0)
    #expect(judgement.answer.body == #"{"code":0,"msg":"success","data":{}}"#)
    #expect(judgement.applied && judgement.summary == "200 0 ok")
    let update = CardUpdate(uuid: "u1", sequence: 1, actions: goodActions)
    #expect(judgement.asked == .card("card_1", update))
  }

  @Test func `the sequence must rise, and may leave gaps`() {
    var feishu = feishu()
    #expect(feishu.batch("c", 0, at: 0).summary == "400 300317 stale_sequence")
    #expect(feishu.batch("c", 7, at: 0).verdict == .ok)
    #expect(feishu.batch("c", 7, at: 0).summary == "400 300317 stale_sequence")
    #expect(feishu.batch("c", 6, at: 0).verdict == .staleSequence)
    #expect(feishu.batch("c", 2_147_483_647, at: 0).verdict == .ok)
    #expect(feishu.batch("c", 2_147_483_648, at: 0).summary == "400 10002 invalid")
  }

  @Test func `cards have nothing to do with each other`() {
    var feishu = feishu()
    #expect(feishu.batch("c", 9, uuid: "u", at: 0).verdict == .ok)
    #expect(feishu.batch("d", 1, uuid: "u", at: 0).verdict == .ok)
  }

  @Test func `a uuid is accepted once, until the card has forgotten it`() {
    var feishu = feishu { $0.uuidMemory = 10 * second }
    #expect(feishu.batch("c", 1, uuid: "u", at: 0).verdict == .ok)
    let again = feishu.batch("c", 2, uuid: "u", at: 10 * second - 1)
    #expect(again.summary == "400 200770 uuid_conflict" && !again.applied)
    #expect(feishu.batch("c", 3, uuid: "u", at: 10 * second).verdict == .ok)
  }

  @Test func `of uuid and sequence, the one chosen is looked at first`() {
    var uuidFirst = feishu()
    _ = uuidFirst.batch("c", 1, uuid: "u", at: 0)
    #expect(uuidFirst.batch("c", 1, uuid: "u", at: 0).verdict == .uuidConflict)
    var sequenceFirst = feishu { $0.firstCardCheck = .sequence }
    _ = sequenceFirst.batch("c", 1, uuid: "u", at: 0)
    #expect(sequenceFirst.batch("c", 1, uuid: "u", at: 0).verdict == .staleSequence)
  }

  @Test func `the very batch sent again can be a success that changes nothing`() {
    var feishu = feishu { $0.replayedUUID = .success }
    _ = feishu.batch("c", 1, uuid: "u", at: 0)
    let again = feishu.batch("c", 1, uuid: "u", at: 0)
    #expect(again.summary == "200 0 replayed" && !again.applied)
    let other = #"[{"action":"delete_elements","params":{"element_ids":["md_2"]}}]"#
    #expect(feishu.batch("c", 1, uuid: "u", actions: other, at: 0).verdict == .uuidConflict)
    #expect(feishu.batch("c", 2, uuid: "u", at: 0).verdict == .uuidConflict)
  }

  @Test func `a batch refused for its content leaves uuid and sequence free, or uses them up`() {
    var free = feishu()
    #expect(free.batch("c", 1, uuid: "u", actions: "[]", at: 0).summary == "400 10002 invalid")
    #expect(free.batch("c", 1, uuid: "u", at: 0).verdict == .ok)
    var counted = feishu { $0.refusedBatch = .counted }
    _ = counted.batch("c", 1, uuid: "u", actions: "[]", at: 0)
    #expect(counted.batch("c", 1, uuid: "v", at: 0).verdict == .staleSequence)
    #expect(counted.batch("c", 2, uuid: "u", at: 0).verdict == .uuidConflict)
  }

  @Test func `a card takes ten operations a second`() {
    var feishu = Feishu()
    for sequence in 1...10 { #expect(feishu.batch("c", sequence, at: 0).verdict == .ok) }
    #expect(feishu.batch("c", 11, at: second - 1).summary == "400 230020 card_limited")
    #expect(feishu.batch("d", 1, at: second - 1).verdict == .ok)
    #expect(feishu.batch("c", 11, at: second).verdict == .ok)
  }

  @Test func `cards that do not exist or are too old are told by their prefix`() {
    var feishu = feishu()
    #expect(feishu.batch("missing_1", 1, at: 0).summary == "400 200740 missing")
    #expect(feishu.batch("expired_1", 1, at: 0).summary == "400 200750 expired")
    var all = self.feishu {
      $0.missingCardPrefix = ""
      $0.expiredCardPrefix = ""
    }
    #expect(all.batch("missing_1", 1, at: 0).verdict == .ok)
    #expect(all.batch("expired_1", 1, at: 0).verdict == .ok)
  }

  @Test(arguments: [
    (1, 1, 1, true), (20, 64, 1_000_000, true), (21, 1, 1, false), (1, 65, 1, false),
    (1, 1, 1_000_001, false), (1, 0, 1, false), (1, 1, 0, false),
  ])
  func `ids and actions may have as many characters as documented`(
    card: Int, uuid: Int, actions: Int, isGood: Bool
  ) {
    var feishu = feishu { $0.replayedUUID = .success }
    // Padded with blanks to the length that is tested.
    let padding = String(repeating: " ", count: max(0, actions - goodActions.utf8.count))
    let text = actions == 0 ? "" : goodActions + padding
    let judgement = feishu.batch(
      String(repeating: "ü", count: card).addingPercentEncoding, 1,
      uuid: String(repeating: "ü", count: uuid), actions: text, at: 0)
    #expect(judgement.summary == (isGood ? "200 0 ok" : "400 10002 invalid"))
  }

  @Test func `what a character is can be chosen`() {
    var feishu = feishu { $0.characters = .bytes }
    let id = String(repeating: "ü", count: 11).addingPercentEncoding
    #expect(feishu.batch(id, 1, at: 0).verdict == .invalid)
    var utf16 = self.feishu { $0.characters = .utf16 }
    #expect(utf16.batch("c", 1, uuid: String(repeating: "🎈", count: 33), at: 0).verdict == .invalid)
    #expect(utf16.batch("c", 1, uuid: String(repeating: "🎈", count: 32), at: 0).verdict == .ok)
  }

  @Test(arguments: ["", "[]", "{}", #"{"sequence":1}"#, #"{"sequence":"1","actions":"[]"}"#])
  func `a body of another form is refused`(body: String) {
    var feishu = feishu()
    let judgement = feishu.judge(
      path: Path.card("c"), authorization: "Bearer \(feishu.accessToken)", body: body, at: 0)
    #expect(judgement.summary == "400 10002 invalid")
  }
}

struct CardActionTests {
  @Test(arguments: [
    #"{"action":"partial_update_setting","params":{"config":{"streaming_mode":true}}}"#,
    #"{"action":"partial_update_setting","params":{"settings":{"config":{}}}}"#,
    #"{"action":"partial_update_setting","params":{"card_link":{"url":"x"}}}"#,
    #"{"action":"add_elements","params":{"type":"append","elements":[{"tag":"markdown"}]}}"#,
    """
    {"action":"add_elements","params":{"type":"insert_before","target_element_id":"t",\
    "elements":[{"tag":"markdown","id":"md_1","content":"示例"}]}}
    """,
    #"{"action":"delete_elements","params":{"element_ids":["a","b"]}}"#,
    #"{"action":"partial_update_element","params":{"element_id":"a","partial_element":{}}}"#,
    #"{"action":"update_element","params":{"element_id":"a","element":{"tag":"hr"}}}"#,
  ])
  func `the documented actions are good`(action: String) {
    #expect(CardUpdate(sequence: 1, actions: "[\(action)]").wrongAction == nil)
  }

  @Test(arguments: [
    ("nonsense", "actions is not a JSON list"), ("{}", "actions is of the wrong type"),
    ("[]", "actions is an empty list"), ("[1]", "action 0 is of the wrong type"),
    (#"[{"action":"delete_elements"}]"#, "action 0: params is missing"),
    (#"[{"action":"explode","params":{}}]"#, "action 0: unknown action 'explode'"),
    (
      #"[{"action":"add_elements","params":{"type":"append","elements":[{"tag":"a"},{}]}}]"#,
      "action 0: params.elements.1: tag is missing"
    ),
    (
      #"[{"action":"add_elements","params":{"type":"insert_after","elements":[{"tag":"a"}]}}]"#,
      "action 0: add_elements needs target_element_id"
    ),
    (
      #"[{"action":"add_elements","params":{"elements":[{"tag":"a"}]}}]"#,
      "action 0: add_elements needs a type: insert_before, insert_after or append"
    ),
    (
      #"[{"action":"partial_update_setting","params":{}}]"#,
      "action 0: partial_update_setting needs config or card_link"
    ),
    (
      #"[{"action":"update_element","params":{"element_id":"a"}}]"#,
      "action 0: update_element needs element"
    ),
    (
      #"[{"action":"partial_update_element","params":{"partial_element":{}}}]"#,
      "action 0: partial_update_element needs element_id"
    ),
    (
      #"[{"action":"delete_elements","params":{"element_ids":"a"}}]"#,
      "action 0: params.element_ids is of the wrong type"
    ),
  ])
  func `what is wrong is said with the index of the action`(actions: String, message: String) {
    #expect(CardUpdate(sequence: 1, actions: actions).wrongAction == message)
  }
}

extension String {
  /// As in a URL's path.
  fileprivate var addingPercentEncoding: String {
    utf8.map { "%" + String($0, radix: 16) }.joined()
  }
}
