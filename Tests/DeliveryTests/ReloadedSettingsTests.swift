import Larkspur
import Planning
import Testing

@testable import Delivery

/// An account whose settings change while a worker runs.
struct ReloadedSettingsTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  private func edit(after span: Int, _ change: @escaping (inout AccountSettings) -> Void) {
    bench.world.after(span) { [bench] in bench.edit { change(&$0[0]) } }
  }

  /// How many calls arrived from `begin` on, within `span`.
  private func arrivals(from begin: Int, within span: Int) -> Int {
    let begin = bench.start + begin
    return bench.feishu.arrivals.filter { $0.at >= begin && $0.at < begin + span }.count
  }

  private var isParked: Bool {
    get throws {
      try bench.number("select parked is not null from account where name = 'default'") == 1
    }
  }

  private var isToldResumed: Bool {
    bench.events.contains { event in
      if case .accountChanged("default", _, isResumed: true) = event { true } else { false }
    }
  }

  @Test func `a smaller limit counts the calls that were made under the larger one`() throws {
    bench.settings.limits[.preview] = [Budget.Limit(5, per: .seconds(1))]
    for token in 0..<200 { bench.ask("t\(token)", "ou_1") }
    edit(after: 500) { $0.limits[.preview] = [Budget.Limit(1, per: .seconds(1))] }
    try bench.run(.stay, for: 6_000)
    #expect(arrivals(from: 0, within: 1_000) == 5)
    #expect(arrivals(from: 1_000, within: 5_000) == 5)
  }

  @Test func `a limit with a longer window counts calls that the other one had forgotten`() throws {
    for token in 0..<600 { bench.ask("t\(token)", "ou_1") }
    edit(after: 2_500) {
      $0.limits[.preview, default: Preview.limits].append(Budget.Limit(20, per: .minutes(1)))
    }
    try bench.run(.stay, for: 59_000)
    #expect(bench.feishu.arrivals.count == 20)
  }

  @Test(arguments: [100, 300, 1_500])
  func `calls under way and answers that are not written down yet count under the new limit`(
    latency: Int
  ) throws {
    bench.world.isCrowded = true
    bench.feishu.fault = { _, _ in .slow(latency) }
    for token in 0..<300 { bench.ask("t\(token)", "ou_1") }
    for span in stride(from: 100, through: 4_900, by: 300) {
      edit(after: span) {
        let calls = $0.limits(of: .preview)[0].calls == 5 ? 4 : 5
        $0.limits[.preview] = [Budget.Limit(calls, per: .seconds(1))]
      }
    }
    try bench.run(.stay, for: 20_000)
    #expect(bench.feishu.violations == [])
    #expect(bench.feishu.arrivals.count > 10)
  }

  @Test func `another secret is used for the next access token, and the old one is forgotten`()
    throws
  {
    bench.feishu.tokenAnswer = { request, _ in AccessTokens.token("t-\(request)") }
    bench.ask("a", "ou_1")
    edit(after: 1_000) { $0.secret = .environment("OTHER") }
    bench.world.after(2_000) { bench.ask("b", "ou_1") }
    try bench.run(.stay, for: 3_000)
    #expect(bench.feishu.bearers == ["t-1", "t-2"])
  }

  @Test func `why the old secret brought no access token is not said of another`() throws {
    bench.feishu.tokenAnswer = { [start = bench.start] _, at in
      at < start + 10_000 ? .neverLeft("no") : AccessTokens.token("t-1")
    }
    bench.feishu.latency_ms = 3_000
    bench.ask("a", "ou_1")
    edit(after: 10_000) { $0.secret = .environment("OTHER") }
    // The new access token comes when no call may begin any more.
    let result = try bench.run(.stay, for: 11_000)
    #expect(bench.feishu.arrivals.isEmpty)
    #expect(result.leftBehind == nil)
  }

  @Test func `settings that have nothing to do with credentials leave the access token alone`()
    throws
  {
    bench.ask("a", "ou_1")
    edit(after: 1_000) {
      $0.packing = .cover(extraPairsMax: 5)
      $0.joins = false
      $0.monthlyQuota = 1_000
      $0.userToken = .file("user")
      $0.trust = .file("/ca")
    }
    bench.world.after(2_000) { bench.ask("b", "ou_1") }
    try bench.run(.stay, for: 3_000)
    #expect(bench.feishu.tokenRequests == 1)
    #expect(bench.feishu.arrivals.count == 2)
  }

  @Test func `an account that is parked for its secret goes on with another`() throws {
    bench.feishu.tokenAnswer = { request, _ in
      request == 1
        ? .answered(RawAnswer(status: 400, body: Array(#"{"code":10014,"msg":"no"}"#.utf8)))
        : AccessTokens.token("t-1")
    }
    let ask = bench.ask("a", "ou_1")
    edit(after: 10_000) { $0.secret = .environment("OTHER") }
    try bench.run(.stay, for: 12_000)
    #expect(try bench.state(ask) == .delivered)
    #expect(try !isParked)
    #expect(isToldResumed)
    #expect(try bench.number("select count(*) from budget where paused_ms > 0") == 0)
  }

  @Test func `an account that is parked for its secret stays so when something else is changed`()
    throws
  {
    bench.feishu.tokenAnswer = { _, _ in
      .answered(RawAnswer(status: 400, body: Array(#"{"code":10014,"msg":"no"}"#.utf8)))
    }
    bench.ask("a", "ou_1")
    edit(after: 10_000) { $0.limits[.preview] = [Budget.Limit(1, per: .seconds(1))] }
    try bench.run(.stay, for: 12_000)
    #expect(bench.feishu.tokenRequests == 1)
    #expect(try isParked)
    #expect(!isToldResumed)
  }

  @Test func `a host that was down is not waited for once another is configured`() throws {
    bench.feishu.fault = { _, at in
      at < bench.start + 48_000 ? .answer(503, "{}") : nil
    }
    bench.ask("a", "ou_1")
    // After the call at 47 s everything pauses for four seconds.
    var ask = 0
    bench.world.after(47_000) { ask = bench.ask("b", "ou_1") }
    edit(after: 48_000) { $0.host = "https://other.test" }
    bench.world.after(49_000) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    #expect(try bench.state(ask) == .delivered)
  }

  @Test func `what is answered to the former app parks nobody`() throws {
    bench.feishu.latency_ms = 2_000
    bench.feishu.fault = { call, _ in
      call == 1 ? .answer(400, #"{"code":99991672,"msg":"Access denied"}"#) : nil
    }
    let ask = bench.ask("a", "ou_1")
    edit(after: 3_000) { $0.appID = "cli_other" }
    try bench.run(.stay, for: 30_000)
    #expect(try bench.state(ask) == .delivered)
    let isTold = bench.events.contains { if case .parked = $0 { true } else { false } }
    #expect(!isTold)
    #expect(bench.feishu.violations == [])
  }

  @Test func `an access token that was on its way to the former app is not used`() throws {
    bench.feishu.latency_ms = 500
    bench.feishu.tokenAnswer = { request, _ in AccessTokens.token("t-\(request)") }
    bench.ask("a", "ou_1")
    edit(after: 200) { $0.appID = "cli_other" }
    try bench.run(.stay, for: 5_000)
    #expect(bench.feishu.bearers == ["t-2"])
  }

  @Test func `a proven host does not vouch for another`() throws {
    bench.feishu.fault = { call, _ in call == 1 ? .slow(2_000) : nil }
    bench.ask("a", "ou_1")
    edit(after: 1_000) { $0.host = "https://other.test" }
    try bench.run(.stay, for: 4_000)
    #expect(
      try bench.number("select proven_host = 'https://feishu.test' from account") == 1)
  }

  @Test(arguments: [20, nil])
  func `a quota that is raised or lifted ends the wait for the next month`(quota: Int?) throws {
    bench.settings.monthlyQuota = 3
    for token in 0..<8 { bench.ask("t\(token)", "ou_\(token)") }
    edit(after: 10_000) { $0.monthlyQuota = quota }
    try bench.run(.stay, for: 15_000)
    #expect(arrivals(from: 0, within: 10_000) == 3)
    #expect(bench.feishu.arrivals.count == 8)
  }

  @Test func `a quota that is lowered below what was used stops the account`() throws {
    for token in 0..<8 { bench.ask("t\(token)", "ou_\(token)") }
    edit(after: 10_000) { $0.monthlyQuota = 5 }
    bench.world.after(11_000) { bench.ask("later") }
    try bench.run(.stay, for: 15_000)
    #expect(bench.feishu.arrivals.count == 8)
  }

  @Test func `a user access token in another file replaces one that was refused`() throws {
    bench.settings.userToken = .file("old")
    bench.secret = .success("u-old")
    bench.feishu.accepts = { $0.hasPrefix("t-") || $0 == "u-1" }
    bench.write("session_1", #"{"metadata":"1"}"#)
    edit(after: 2_000) { $0.userToken = .file("user") }
    try bench.run(.stay, for: 4_000)
    #expect(bench.feishu.bearers == ["u-old", "u-1"])
  }

  @Test func `of two changes right after each other the last one holds`() throws {
    let settings = bench.settings
    for token in 0..<20 { bench.ask("t\(token)", "ou_\(token)") }
    edit(after: 1_000) { $0.monthlyQuota = 1 }
    edit(after: 1_000) { $0 = settings }
    try bench.run(.stay, for: 10_000)
    #expect(bench.feishu.arrivals.count == 20)
  }
}
