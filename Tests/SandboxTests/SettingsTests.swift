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

  @Test func `every option of the program itself can be set`() throws {
    let settings = try settings(
      "--port", "8080", "--record", "r.jsonl", "--exit-with-parent")
    #expect(settings.port == 8_080 && settings.record == "r.jsonl" && settings.exitsWithParent)
  }

  @Test func `apps, their secrets and people's tokens can be set`() throws {
    let rules = try settings(
      "--app", "cli_1:a:b", "--app=cli_2:c", "--user-token", "u-1", "--token-expire", "60"
    ).rules
    #expect(rules.apps == ["cli_1": "a:b", "cli_2": "c"])
    #expect(rules.userTokens == ["u-1": "cli_1"])
    #expect(rules.accessTokenLifetime == 60 * second)
  }

  @Test func `every limit can be set`() throws {
    let rules = try settings(
      "--calls-per-second", "0", "--cards-per-second", "1", "--cards-per-minute", "2",
      "--sessions-per-second", "3", "--sessions-per-minute", "4", "--card-per-second", "5",
      "--limit-window", "fixed", "--limited-calls", "counted", "--limit-status", "400",
      "--limit-headers", "none", "--card-limit-with", "429:99991400"
    ).rules
    var expected = RuleSettings()
    expected.previewPace.perSecond = 0
    expected.cardPace = RuleSettings.Pace(perSecond: 1, perMinute: 2)
    expected.sessionPace = RuleSettings.Pace(perSecond: 3, perMinute: 4)
    expected.operationsPerCardAndSecond = 5
    expected.limiting = RuleSettings.Limiting(
      window: .fixed, refused: .counted, status: 400, hasHeaders: false)
    expected.cardLimitAnswer = ForcedAnswer(status: 429, code: 99_991_400)
    #expect(rules == expected)
  }

  @Test func `every rule about the updates themselves can be set`() throws {
    let rules = try settings(
      "--spacing-violation", "ignore", "--empty-open-ids", "everyone", "--bad-token", "x",
      "--bad-open-id", "", "--first-check", "sequence", "--replayed-uuid", "success",
      "--uuid-memory", "2s", "--refused-batch", "counted", "--missing-card", "m",
      "--expired-card", "e", "--omitted-field", "clear", "--missing-session", "session_m",
      "--missing-session-with", "404:2700404", "--characters", "bytes"
    ).rules
    var expected = RuleSettings()
    expected.earlyUpdate = .ignore
    expected.emptyAudience = .everyone
    expected.badTokenPrefix = "x"
    expected.badOpenIDPrefix = ""
    expected.firstCardCheck = .sequence
    expected.replayedUUID = .success
    expected.uuidMemory = 2 * second
    expected.refusedBatch = .counted
    expected.missingCardPrefix = "m"
    expected.expiredCardPrefix = "e"
    expected.omittedField = .clear
    expected.missingSessionPrefix = "session_m"
    expected.missingSessionAnswer = ForcedAnswer(status: 404, code: 2_700_404)
    expected.characters = .bytes
    #expect(rules == expected)
  }

  @Test func `every fault can be set`() throws {
    let settings = try settings(
      "--drop-before", "0.5", "--fail-5xx", "first:3", "--quota", "--missing-scope=first:1",
      "--refuse=1", "--refuse-with", "500:2200", "--slow", "0.1", "--slow-for", "1s",
      "--latency", "50ms", "--latency-spread", "20ms", "--faults-on", "all", "--seed", "7")
    #expect(
      settings.faults
        == FaultSettings(
          chances: [
            .dropBefore: .likely(0.5), .fail5xx: .first(3), .quota: .always,
            .missingScope: .first(1), .refuse: .always, .slow: .likely(0.1),
          ], endpoints: Set(Endpoint.allCases), forced: ForcedAnswer(status: 500, code: 2_200),
          slowness: second, latency: 50_000, spread: 20_000, seed: 7))
  }

  @Test func `a store app is given with its secret, and tickets only with one`() throws {
    let settings = try settings(
      "--store-app", "cli_a:x:y", "--ticket-file", "/t", "--ticket-url", "http://localhost:80/e",
      "--ticket-every", "1m", "--resend-after", "0s", "--encrypt-key", "k")
    #expect(settings.rules.storeApps == ["cli_a": "x:y"])
    #expect(settings.rules.ticketInterval == 60 * second && settings.rules.resendDelay == 0)
    #expect(settings.tickets.file == "/t" && settings.tickets.encryptKey == "k")
    #expect(settings.tickets.address?.url == "http://localhost/e")
    #expect(settings.clients == nil)
    for words in [
      ["--store-app", "cli_a"], ["--store-app", "a:b", "--store-app", "a:c"],
      ["--ticket-file", "/t"], ["--store-app", "a:b", "--ticket-url", "https://example.com"],
      ["--store-app", "a:b", "--store-app", "c:d", "--ticket-file", "/t"],
      ["--store-app", "a:b", "--ticket-every", "0s"], ["--store-app", "a:b", "--app", "a:c"],
    ] {
      #expect(throws: Failure.self) { _ = try Settings(Options(words, knowing: Settings.options)) }
    }
  }

  @Test(
    arguments: [
      ("updates", [.previews, .cards, .sessions]), ("previews", [.previews]), ("cards", [.cards]),
      ("sessions", [.sessions]), ("oauth", [.oauth]),
      ("token", [.accessToken, .appToken, .tenantToken, .ticket]),
    ] as [(String, Set<Endpoint>)])
  func `faults can be kept to some of the calls`(word: String, met: Set<Endpoint>) throws {
    #expect(try settings("--faults-on", word).faults.endpoints == met)
  }

  @Test(arguments: [
    "--port=70000", "--app=cli_1", "--app=:x", "--calls-per-second=-1", "--calls-per-second=many",
    "--spacing-violation=perhaps", "--token-expire=0", "--latency=50", "--faults-on=nothing",
    "--refuse-with=2200", "--refuse-with=99:1", "--seed=-1", "--cut=2", "--limit-window=open",
    "--card-limit-with=1", "--user-token=t-1", "--limit-status=99", "--uuid-memory=9", "word",
    "--client-cache=60", "--encrypt-key=x", "--verification-token=x",
    "--callback=https://127.0.0.1/", "--callback=http://10.0.0.1/", "--callback=http://example.com",
    "--callback=http://127.0.0.1:0/", "--callback=http://127.0.0.1:70000/", "--callback=127.0.0.1",
    "--callback=http://u:p@127.0.0.1/", "--callback=http://127.0.0.1/a b",
    "--callback=http://127.1/",
    "--callback=http://127.0.0.1/\r\nX: y", "--callback=http://127.0.0.1/#x", "--callback=http:///",
  ])
  func `what cannot be meant is refused`(word: String) {
    #expect(throws: Failure.self) { try settings(word) }
  }

  @Test func `without a callback address there are no clients`() throws {
    #expect(try settings().clients == nil)
  }

  @Test func `everything about the clients can be set`() throws {
    let clients = try settings(
      "--callback", "http://127.0.0.1:8000/callback", "--verification-token", "v", "--encrypt-key",
      "k", "--client-cache", "60"
    ).clients
    #expect(clients?.verificationToken == "v" && clients?.encryptKey == "k")
    #expect(clients?.cacheLifetime == 60 * second)
  }

  @Test func `callbacks are neither encrypted nor cached unless that is asked for`() throws {
    let clients = try settings("--callback", "http://localhost").clients
    #expect(clients?.verificationToken == "v-sandbox" && clients?.encryptKey == nil)
    #expect(clients?.cacheLifetime == 0)
  }

  @Test(arguments: [
    ("http://localhost", "localhost", 80, "/"),
    ("http://127.0.0.1:8000/feishu/callback?x=1", "127.0.0.1:8000", 8_000, "/feishu/callback?x=1"),
    ("http://127.0.0.2:80?x", "127.0.0.2", 80, "/?x"),
  ])
  func `a callback address is on this machine`(
    text: String, host: String, port: UInt16, target: String
  ) throws {
    let address = try CallbackAddress(parsing: text)
    #expect(address.host == host && address.port == port && address.target == target)
  }

  @Test func `callbacks belong to the first app`() throws {
    #expect(try settings("--app", "cli_2:b", "--app", "cli_1:a").rules.firstApp == "cli_2")
  }

  @Test func `a secret in a wrong place is not repeated`() {
    #expect(throws: Failure(.usage, "--app takes ID:SECRET")) { try settings("--app", "s3cret") }
  }

  @Test func `the help names every option`() {
    let words = help.split { $0 == " " || $0 == "\n" || $0 == "," || $0 == "[" }
    for option in Settings.options { #expect(words.contains { $0 == option.name }) }
  }
}
