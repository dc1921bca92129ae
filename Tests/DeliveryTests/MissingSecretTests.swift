import Delivery
import Foundation
import Larkspur
import Planning
import Testing

/// Secrets that cannot be read. The world is simulated; reading files is tested with the real
/// program.
struct MissingSecretTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  /// The secret of the account `default` cannot be read.
  private func loseSecret(_ why: String = "no file") {
    bench.unreadable[bench.settings.secret] = why
  }

  private func addShop() {
    bench.others = [
      AccountSettings(
        name: "shop", host: "https://feishu.test", appID: "cli_2", secret: .environment("SHOP"))
    ]
  }

  private var told: [String] {
    bench.events.compactMap { event in
      switch event {
      case .secretMissing(let account, let why): "\(account) \(why)"
      case .userTokenMissing(let account, let api, let why): "\(account) \(api.rawValue) \(why)"
      case .secretFound(let account): "\(account) found"
      default: nil
      }
    }
  }

  @Test(arguments: [(.once, nil), (.untilEmpty, nil), (.stay, 5_000)] as [(WorkMode.Goal, Int?)])
  func `it is said at once and at the end, also when nothing is due`(
    goal: WorkMode.Goal, limit: Int?
  ) throws {
    loseSecret()
    #expect(try bench.run(goal, for: limit).missingSecret == "no file")
    #expect(told == ["default no file"])
  }

  @Test func `the other accounts go on`() throws {
    addShop()
    loseSecret()
    let waiting = bench.ask("a", "ou_1")
    let sent = bench.ask("b", "ou_1", account: "shop")
    #expect(try bench.run(.untilEmpty).missingSecret == "no file")
    #expect(try bench.state(sent) == .delivered)
    #expect(try bench.state(waiting) == .open)
    #expect(bench.feishu.tokenRequests == 1)
  }

  @Test func `its lanes wait with the reason, and nothing has to be resumed`() throws {
    loseSecret()
    bench.ask("a", "ou_1")
    try bench.run(.once)
    #expect(
      try bench.number(
        """
        select count(*) from budget where paused_ms > 0
          and paused_why = 'waiting for a secret: no file' and api in ('auth', 'preview')
        """) == 2)
    #expect(try bench.number("select count(*) from account where parked is not null") == 0)
    bench.unreadable = [:]
    let started = bench.world.now
    let result = try bench.run(.once)
    #expect(result.missingSecret == nil && result.leftBehind == nil)
    #expect(bench.feishu.arrivals.count == 1)
    #expect(bench.world.now - started < 1_000)
    #expect(try bench.number("select count(*) from budget where paused_ms > 0") == 0)
  }

  @Test func `a worker that stays goes on by itself within half a minute`() throws {
    loseSecret()
    let ask = bench.ask("a", "ou_1")
    bench.world.after(60_000) { bench.unreadable = [:] }
    try bench.run(.stay, for: 120_000)
    #expect(told == ["default no file", "default found"])
    #expect(try bench.state(ask) == .delivered)
    let arrival = try #require(bench.feishu.arrivals.first)
    #expect((60_000...91_000).contains(arrival.at - bench.start))
  }

  @Test func `another reason is said, and the same one is not repeated`() throws {
    loseSecret()
    bench.world.after(30_000) { loseSecret("it is empty") }
    try bench.run(.stay, for: 120_000)
    #expect(told == ["default no file", "default it is empty"])
  }

  @Test
  func `lost while the worker runs, it stops nothing for as long as the access token is good`()
    throws
  {
    bench.ask("a", "ou_1")
    bench.world.after(10_000) {
      loseSecret()
      bench.ask("b", "ou_1")
    }
    try bench.run(.stay, for: 20_000)
    #expect(bench.feishu.arrivals.count == 2)
  }

  @Test func `a person who resumes has it looked at again at once`() throws {
    loseSecret()
    let ask = bench.ask("a", "ou_1")
    bench.world.after(1_000) {
      bench.unreadable = [:]
      do { _ = try Inspector(queue: bench.path).resume(account: "default") } catch {
        Issue.record("\(error)")
      }
    }
    // The simulated world does not report writes. An ask that becomes due then wakes the loop.
    bench.ask("b", "ou_1", after: 1_100)
    try bench.run(.stay, for: 5_000)
    #expect(try bench.state(ask) == .delivered)
  }

  @Test func `a pause that Feishu asked for outlives the wait for a secret`() throws {
    loseSecret()
    bench.ask("a", "ou_1")
    try bench.run(.once)
    let until = bench.world.now + bench.world.wallOffset + 600_000
    try bench.intake.db.execute(
      "update budget set paused_ms = ?, paused_for = 'paused', paused_why = 'too many requests' where api = 'preview'",
      .int(until))
    bench.unreadable = [:]
    try bench.run(.once)
    #expect(bench.feishu.arrivals.isEmpty)
  }

  @Test func `a user access token that cannot be read is said at once, and previews go on`() throws
  {
    bench.settings.userToken = .file("user")
    bench.unreadable[.file("user")] = "no file"
    let preview = bench.ask("a", "ou_1")
    let session = bench.write("session_1", #"{"metadata":"1"}"#)
    #expect(try bench.run(.once).missingSecret == "no file")
    #expect(told == ["default session no file"])
    #expect(try bench.state(preview) == .delivered)
    #expect(try bench.state(session) == .open)
    #expect(
      try bench.number(
        "select paused_why = 'waiting for a secret: no file' from budget where api = 'session'")
        == 1)
    bench.unreadable = [:]
    try bench.run(.once)
    #expect(try bench.state(session) == .delivered)
  }

  @Test func `without the app secret, sessions go on with the user access token`() throws {
    bench.settings.userToken = .file("user")
    loseSecret()
    let preview = bench.ask("a", "ou_1")
    let session = bench.write("session_1", #"{"metadata":"1"}"#)
    #expect(try bench.run(.untilEmpty).missingSecret == "no file")
    #expect(try bench.state(session) == .delivered)
    #expect(try bench.state(preview) == .open)
  }
}
