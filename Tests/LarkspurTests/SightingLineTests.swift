import Testing

@testable import Larkspur

struct SightingLineTests {
  private func read(
    _ line: String, account: String = "default", keysInURL: ((String) -> [String])? = nil
  ) throws -> SightingLine {
    try SightingLines(account: account, keysInURL: keysInURL).read(line)
  }

  /// As in Feishu's documentation, but for the ids.
  static let callback = #"""
    {"schema":"2.0","header":{"event_id":"5e3702a84e847582be8db7fb73283c02","token":"rvaYgkND1GOiu5MM0E1rncYC6PLtF7JV","create_time":"1603977298000000","event_type":"url.preview.get","tenant_key":"2df73991750b1c2","app_id":"cli_a5fb0ae6a4f89012"},"event":{"operator":{"tenant_key":"2df73991750b1c2","user_id":"867b1c2e","open_id":"ou_f7cfdc7d"},"host":"im_message","delivery_type":"url_preview","context":{"url":"https://example.com/tickets/1041","preview_token":"952590c8-9ccf-463d-ad73-593f8f768a5c","open_message_id":"om_1","open_chat_id":"oc_1"}}}
    """#

  private static let seen = Sighting(
    "952590c8-9ccf-463d-ad73-593f8f768a5c", keys: ["1041"], url: "https://example.com/tickets/1041",
    chat: "oc_1", openID: "ou_f7cfdc7d")

  @Test func `a callback as Feishu sends it has all but the key`() throws {
    let line = try read(Self.callback) { _ in ["1041"] }
    #expect(line == .sighting(Self.seen))
  }

  @Test(arguments: [
    ("952590c8-9ccf-463d-ad73-593f8f768a5c", ""),
    (#""preview_token":"952590c8-9ccf-463d-ad73-593f8f768a5c","#, ""),
  ])
  func `the callback of a draft has no token`(part: String, other: String) throws {
    let draft = Self.callback.replacing(part, with: other)
    #expect(try read(draft) { _ in ["1041"] } == .draft)
  }

  @Test func `fields name one key or several`() throws {
    #expect(try read(#"{"token":"t","key":"k"}"#) == .sighting(Sighting("t", keys: ["k"])))
    #expect(
      try read(#"{"token":"t","keys":["k",7]}"#) == .sighting(Sighting("t", keys: ["k", "7"])))
    #expect(
      try read(
        #"{"token":"t","key":7,"url":"u","chat":"oc_1","open_id":"ou_1","account":"shop"}"#)
        == .sighting(
          Sighting("t", keys: ["7"], url: "u", chat: "oc_1", openID: "ou_1", account: "shop")))
  }

  @Test func `what is null is left out`() throws {
    let line = """
      {"token":"t","key":"k","keys":null,"url":null,"chat":null,"open_id":null,"account":null}
      """
    #expect(try read(#"{"token":null,"key":"k"}"#) == .draft)
    #expect(try read(#"{"token":"","key":"k"}"#) == .draft)
    #expect(
      try read(line, account: "shop").isWrong("it has \"key\" and \"keys\"; give one of them"))
    #expect(
      try read(line.replacing(#""keys":null,"#, with: ""), account: "shop")
        == .sighting(Sighting("t", keys: ["k"], account: "shop")))
  }

  @Test func `keys are found in the URL only of lines that name none`() throws {
    let find = { (url: String) in [url, url, "b"] }
    #expect(
      try read(#"{"token":"t","url":"a"}"#, keysInURL: find)
        == .sighting(Sighting("t", keys: ["a", "b"], url: "a")))
    #expect(
      try read(#"{"token":"t","url":"a","key":"k"}"#, keysInURL: find)
        == .sighting(Sighting("t", keys: ["k"], url: "a")))
  }

  static let refusals: [(String, String)] = [
    ("", "it is not a JSON object"), ("[]", "it is not a JSON object"), ("7", "not a JSON object"),
    (#"{"token":"t""#, "it is not a JSON object"),
    (#"{"key":"k"}"#, "it has no \"token\""), (#"{"token":7,"key":"k"}"#, "\"token\" is not a"),
    (#"{"token":"t"}"#, "it names no key; add \"key\", or find it in the URL with --key-from"),
    (#"{"token":"t","keys":[]}"#, "it names no key"),
    (#"{"token":"t","keys":"k"}"#, "its \"keys\" is not a list of strings"),
    (#"{"token":"t","keys":["k",null]}"#, "its \"keys\" is not a list of strings"),
    (#"{"token":"t","key":true}"#, "its \"key\" is not a string"),
    (#"{"token":"t","key":"k","chat_id":"oc_1"}"#, "it has an unknown field \"chat_id\"; it takes"),
    (#"{"token":"t","key":"k","key":"l"}"#, "it has \"key\" twice"),
    (#"{"token":"a\u0000b","key":"k"}"#, #"it contains \u0000"#),
    (#"{"encrypt":"FIAfJPGRmFZW"}"#, "the callback is encrypted; write what is in it"),
    (#"{"type":"url_verification","challenge":"c","token":"t"}"#, "not a preview; leave it out"),
    (
      #"{"schema":"2.0","header":{"event_type":"card.action.trigger"},"event":{}}"#,
      "it is the callback 'card.action.trigger', not url.preview.get; leave it out"
    ),
    (callback, "it names no key"),
  ]

  @Test(arguments: refusals)
  func `a line that cannot be used says why`(line: String, sentence: String) throws {
    let read = try read(line)
    #expect(read.isWrong(sentence), "\(read)")
  }

  @Test func `a URL without a key says so`() throws {
    let read = try read(#"{"token":"t","url":"https://x"}"#) { _ in [] }
    #expect(read.isWrong("--key-from finds no key in 'https://x'; change the pattern"))
  }
}

extension SightingLine {
  fileprivate func isWrong(_ sentence: String) -> Bool {
    if case .wrong(let why) = self { why.contains(sentence) } else { false }
  }
}

final class SightingCheckerTests {
  let folder: TemporaryFolder
  let intake: Intake

  init() throws {
    folder = try TemporaryFolder()
    intake = try Intake(queue: folder.queue)
  }

  private func checker() throws -> SightingChecker {
    try SightingChecker(SightingLines(account: "default", keysInURL: nil))
  }

  @Test func `the schema's rules hold for lines, and nothing is written`() throws {
    var checker = try checker()
    #expect(checker.refusal(of: #"{"token":"t","key":"k"}"#, in: intake) == nil)
    #expect(checker.refusal(of: #"{"token":"","key":"k"}"#, in: intake) == nil)
    #expect(
      checker.refusal(of: #"{"token":"t","key":"a b"}"#, in: intake)?
        .hasPrefix("the key contains a space") == true)
    let rows = try Inspector(queue: folder.queue).rows("select * from previews").rows
    #expect(rows.isEmpty)
  }

  /// The checker forgets its rows now and then, and must not forget the keys with them.
  @Test func `a token may have 16 keys in the queue and in all lines`() throws {
    try intake.saw([Sighting("t", keys: (1...10).map { "k\($0)" })])
    var checker = try checker()
    for key in 8...16 {
      #expect(checker.refusal(of: #"{"token":"t","key":"k\#(key)"}"#, in: intake) == nil)
      for other in 0..<100 {
        _ = checker.refusal(of: #"{"token":"u\#(other)","key":"k\#(key)"}"#, in: intake)
      }
    }
    #expect(
      checker.refusal(of: #"{"token":"t","key":"k17"}"#, in: intake)
        == SightingChecker.tooManyKeys)
    let elsewhere = #"{"token":"t","key":"k17","account":"shop"}"#
    #expect(checker.refusal(of: elsewhere, in: intake) == nil)
  }
}
