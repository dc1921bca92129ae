import Foundation
import Testing

@testable import Terminal

/// The error a program ends with, as programs read it.
struct FailureTests {
  private func object(_ failure: Failure) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(failure.json.utf8)) as? [String: Any])
  }

  @Test func `what to do follows the last semicolon`() {
    let message = Message("cannot do it: a; b is wrong; do this")
    #expect(message.summary == "cannot do it: a; b is wrong" && message.fix == "do this")
    #expect(Message("cannot do it").fix == nil)
  }

  @Test(arguments: [
    ("it is unmarked; set it: 'a; b'", "set it: 'a; b'"), ("nothing dead for 'a; b'", nil),
    ("'a; b' is no lane; see 'larkspur list'", "see 'larkspur list'"),
    ("it is locked; use the worker's folder", "use the worker's folder"),
  ])
  func `a semicolon in quoted text does not part it`(sentence: String, fix: String?) {
    #expect(Message(sentence).fix == fix)
  }

  @Test func `an error is one object with all its keys`() {
    #expect(
      Failure(.usage, "no lane given; usage: larkspur retry LANE").json
        == #"{"error":"no lane given; usage: larkspur retry LANE","code":"usage","#
        + #""fix":"usage: larkspur retry LANE","console_url":null,"log_id":null,"#
        + #""retryable":false,"details":[]}"#)
  }

  @Test func `what is known about it is in the object`() throws {
    var failure = Failure(.noPermission, "account 'shop' is parked. Do this", fix: "Do this")
    failure.consoleURL = "https://open.feishu.cn/app/cli_1/auth"
    failure.logID = "h5_1"
    failure.details = ["line 1: \"no\"", "line 2: no"]
    let object = try object(failure)
    #expect(object["code"] as? String == "no_permission" && object["fix"] as? String == "Do this")
    #expect(object["console_url"] as? String == "https://open.feishu.cn/app/cli_1/auth")
    #expect(object["log_id"] as? String == "h5_1")
    #expect(object["details"] as? [String] == ["line 1: \"no\"", "line 2: no"])
  }

  @Test func `an object is one line that a terminal does not obey`() throws {
    let failure = Failure(.badInput, "a\n\u{1b}[31m\u{202e}", fix: nil)
    #expect(failure.json.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
    #expect(try object(failure)["error"] as? String == "a\n\u{1b}[31m\u{202e}")
  }

  @Test func `the names of the exit codes are an interface`() {
    #expect(
      ExitCode.allCases.map(\.name) == [
        "done", "dead", "usage", "bad_input", "input_missing", "unreachable", "queue_not_created",
        "queue_not_usable", "time_is_up", "no_permission", "configuration", "hung_up",
        "interrupted", "terminated",
      ])
  }

  @Test func `only what may pass by itself is worth another try`() {
    #expect(ExitCode.allCases.filter(\.isRetryable) == [.unreachable, .timeIsUp])
    #expect(Failure(.timeIsUp, "no").isRetryable && !Failure(.interrupted, "no").isRetryable)
  }

  @Test func `options are looked for before two dashes, in the order given`() {
    let words = ["--log", "json", "--json", "--", "--quiet"]
    #expect(ProcessArguments.contain(["--json"], in: words))
    #expect(ProcessArguments.contain(["--log", "json"], in: words))
    #expect(!ProcessArguments.contain(["json", "--log"], in: words))
    #expect(!ProcessArguments.contain(["--quiet"], in: words))
    #expect(!ProcessArguments.contain(["--json"], in: ["--json=x"]))
    #expect(!ProcessArguments.contain(["--json"], in: []))
  }

  @Test(arguments: [
    (1_795_937_896_200, "2026-11-29T07:38:16.200Z"), (0, "1970-01-01T00:00:00.000Z"),
    (-1, "1969-12-31T23:59:59.999Z"),
  ])
  func `a moment for programs is UTC with milliseconds`(wall_ms: Int, text: String) {
    #expect(describeUTC(wall_ms: wall_ms) == text)
  }
}
