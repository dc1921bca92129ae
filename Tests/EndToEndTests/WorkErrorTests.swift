import Foundation
import Programs
import Testing

/// `work --json`: a run that fails prints one object on standard error, and its figures on standard
/// output.
@Suite struct WorkErrorTests {
  private func object(_ text: String) throws -> [String: Any] {
    #expect(text.split(separator: "\n").count == 1, "\(text)")
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return try #require(value as? [String: Any])
  }

  @Test func `a parked account`() throws {
    let place = try Place(sandbox: ["--missing-scope"])
    try place.ask([.preview("a", for: .everyone)])
    let run = try place.work("--until-empty", "--json")
    #expect(run.status == 77)
    #expect(try object(run.out)["lanes_left"] as? Int == 1)
    let object = try object(run.err)
    #expect(object["code"] as? String == "no_permission" && object["retryable"] as? Bool == false)
    #expect(
      object["console_url"] as? String == "https://open.feishu.cn/app/cli_sandbox/auth")
    #expect((object["log_id"] as? String)?.isEmpty == false)
    #expect((object["details"] as? [String])?.first?.contains("is parked") == true)
  }

  @Test func `asks that die`() throws {
    let place = try Place()
    try place.ask([.preview("bad_token_1", for: .everyone)])
    let run = try place.work("--once", "--json")
    #expect(run.status == 1)
    let object = try object(run.err)
    #expect(object["code"] as? String == "dead")
    #expect(object["fix"] as? String == "see 'larkspur list --state dead'")
    #expect((object["details"] as? [String])?.first?.hasPrefix("bad_token_1 of account") == true)
  }

  @Test func `a host that cannot be reached may be tried again`() throws {
    let place = try Place(sandbox: nil)
    try place.ask([.preview("a", for: .everyone)])
    let run = try place.work("--once", "--json")
    #expect(run.status == 69)
    let object = try object(run.err)
    #expect(object["code"] as? String == "unreachable" && object["retryable"] as? Bool == true)
  }

  @Test func `a configuration that cannot be used, and words that make no sense`() throws {
    let place = try Place(sandbox: nil)
    for (words, status, code) in [
      (["--json", "--config", "/nonexistent/config"], 66, "input_missing"),
      (["--json", "--onec"], 64, "usage"), (["--check", "--json", "--once"], 64, "usage"),
    ] {
      let run = try Programs.run("larkspur-work", words, place.environment)
      #expect(run.status == status && run.out.isEmpty)
      #expect(try object(run.err)["code"] as? String == code)
    }
  }

  @Test func `a run without a failure prints none`() throws {
    let place = try Place()
    try place.ask([.preview("a", for: .everyone)])
    let run = try place.work("--once", "--json")
    #expect(run.status == 0 && run.err.isEmpty)
  }
}
