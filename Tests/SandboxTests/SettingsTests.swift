import Terminal
import Testing

@testable import Sandbox

struct SettingsTests {
  private func settings(_ words: String...) throws -> Settings {
    try Settings(Options(words, knowing: Settings.options))
  }

  @Test func `without options the documented rules hold and nothing fails`() throws {
    let settings = try settings()
    #expect(settings.rules == RuleSettings() && settings.faults == FaultSettings())
    #expect(settings.port == 0 && settings.record == nil && !settings.exitsWithParent)
  }

  @Test func `every rule can be set`() throws {
    let settings = try settings(
      "--port", "8080", "--app", "cli_1:a:b", "--app=cli_2:c", "--calls-per-second", "0",
      "--spacing-violation", "ignore", "--bad-token", "x", "--bad-open-id", "", "--token-expire",
      "60", "--record", "r.jsonl", "--exit-with-parent")
    var rules = RuleSettings()
    rules.apps = ["cli_1": "a:b", "cli_2": "c"]
    rules.callsPerSecond = 0
    rules.earlyUpdate = .ignore
    rules.badTokenPrefix = "x"
    rules.badOpenIDPrefix = ""
    rules.accessTokenLifetime = 60 * second
    #expect(settings.rules == rules)
    #expect(settings.port == 8_080 && settings.record == "r.jsonl" && settings.exitsWithParent)
  }

  @Test func `every fault can be set`() throws {
    let settings = try settings(
      "--drop-before", "0.5", "--fail-5xx", "first:3", "--quota", "--missing-scope=first:1",
      "--refuse=1", "--refuse-with", "500:2200", "--latency", "50ms", "--latency-spread", "20ms",
      "--faults-on", "all", "--seed", "7")
    #expect(
      settings.faults
        == FaultSettings(
          chances: [
            .dropBefore: .likely(0.5), .fail5xx: .first(3), .quota: .always,
            .missingScope: .first(1), .refuse: .always,
          ], endpoints: [.previews, .accessToken], forced: ForcedAnswer(status: 500, code: 2_200),
          latency: 50_000, spread: 20_000, seed: 7))
  }

  @Test(arguments: [
    "--port=70000", "--app=cli_1", "--app=:x", "--calls-per-second=-1", "--calls-per-second=many",
    "--spacing-violation=perhaps", "--token-expire=0", "--latency=50", "--faults-on=nothing",
    "--refuse-with=2200", "--refuse-with=99:1", "--seed=-1", "--cut=2", "word",
  ])
  func `what cannot be meant is refused`(word: String) {
    #expect(throws: Failure.self) { try settings(word) }
  }

  @Test func `a secret in a wrong place is not repeated`() {
    #expect(throws: Failure(.usage, "--app takes ID:SECRET.")) { try settings("--app", "s3cret") }
  }

  @Test func `the help names every option`() {
    for option in Settings.options { #expect(help.contains("\n  \(option.name)")) }
  }
}
