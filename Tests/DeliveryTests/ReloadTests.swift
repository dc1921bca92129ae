import Larkspur
import Planning
import Testing

@testable import Delivery

/// Accounts that are added and removed while a worker runs.
struct ReloadTests {
  let bench: Bench
  let shop = AccountSettings(
    name: "shop", host: "https://feishu.test", appID: "cli_2", secret: .environment("SHOP"))

  init() throws { bench = try Bench() }

  private func add(after span: Int) {
    bench.world.after(span) { [shop, bench] in bench.edit { $0.append(shop) } }
  }

  private func remove(after span: Int) {
    bench.world.after(span) { [bench] in bench.edit { $0.removeAll { $0.name == "shop" } } }
  }

  private var told: [String] {
    bench.events.compactMap { event in
      switch event {
      case .accountAdded(let name): "\(name) added"
      case .accountChanged(let name, let settings, _):
        "\(name) changed \(settings.map(\.rawValue).sorted().joined(separator: " "))"
      case .accountRemoved(let name): "\(name) removed"
      case .unknownAccount(let name): "\(name) unknown"
      case .secretMissing(let name, _): "\(name) without secret"
      case .secretFound(let name): "\(name) with secret"
      default: nil
      }
    }
  }

  @Test func `an account that is added is served at once, also what was asked for it before`()
    throws
  {
    let early = bench.ask("a", "ou_1", account: "shop")
    add(after: 1_000)
    bench.world.after(2_000) { bench.ask("b", "ou_1", account: "shop") }
    let result = try bench.run(.stay, for: 3_000)
    #expect(try bench.state(early) == .delivered)
    #expect(bench.feishu.arrivals.count == 2)
    #expect((1_000...1_100).contains(bench.feishu.arrivals[0].at - bench.start))
    #expect(told == ["shop unknown", "shop added"])
    #expect(result.unknownAccount == nil)
  }

  @Test func `the asks of an account that is removed wait, and the others go on`() throws {
    bench.others = [shop]
    remove(after: 1_000)
    var asks: [Int] = []
    bench.world.after(2_000) {
      asks = [bench.ask("a", account: "shop"), bench.ask("b")]
    }
    let result = try bench.run(.stay, for: 5_000)
    #expect(try bench.state(asks[0]) == .open)
    #expect(try bench.state(asks[1]) == .delivered)
    #expect(told == ["shop removed"])
    #expect(result.unknownAccount == "shop")
  }

  @Test(arguments: [.once, .untilEmpty] as [WorkMode.Goal])
  func `a run that has an end does not wait for an account that was removed`(
    goal: WorkMode.Goal
  ) throws {
    bench.others = [shop]
    for token in 0..<1_000 { bench.ask("t\(token)", account: "shop") }
    remove(after: 3_000)
    let result = try bench.run(goal)
    #expect((3_000...3_500).contains(bench.world.now - bench.start))
    #expect(result.unknownAccount == "shop")
    #expect(bench.feishu.arrivals.count < 20)
  }

  @Test func `a call that is under way when its account is removed is written down as any other`()
    throws
  {
    bench.others = [shop]
    bench.feishu.fault = { _, _ in .slow(2_000) }
    let sent = bench.ask("a", "ou_1", account: "shop")
    remove(after: 500)
    var later = 0
    bench.world.after(1_000) { later = bench.ask("a", "ou_2", account: "shop") }
    try bench.run(.stay, for: 20_000)
    #expect(try bench.state(sent) == .delivered)
    #expect(try bench.state(later) == .open)
    #expect(bench.feishu.arrivals.count == 1)
    #expect(try bench.number("select count(*) from call where ended_ms is null") == 0)
  }

  @Test func `one that comes back goes on where it was`() throws {
    bench.others = [shop]
    let first = bench.ask("a", "ou_1", account: "shop")
    remove(after: 1_000)
    var second = 0
    bench.world.after(2_000) { second = bench.ask("a", "ou_1", account: "shop") }
    add(after: 3_000)
    try bench.run(.stay, for: 20_000)
    #expect(try bench.state(first) == .delivered)
    #expect(try bench.state(second) == .delivered)
    #expect(bench.feishu.violations == [])
    #expect(told == ["shop removed", "shop added"])
  }

  @Test func `asks expire without their account`() throws {
    bench.others = [shop]
    remove(after: 500)
    var ask = 0
    bench.world.after(1_000) { ask = bench.ask("a", expiresIn: 5_000, account: "shop") }
    try bench.run(.stay, for: 20_000)
    #expect(try bench.state(ask) == .expired)
  }

  @Test func `an account that is removed no longer waits for its secret`() throws {
    bench.others = [shop]
    bench.unreadable[shop.secret] = "no file"
    bench.ask("a", account: "shop")
    remove(after: 1_000)
    let result = try bench.run(.stay, for: 100_000)
    #expect(told == ["shop without secret", "shop removed"])
    #expect(result.missingSecret == nil)
    #expect(try bench.number("select count(*) from budget where paused_ms > 0") == 0)
  }

  @Test func `an account that is added without a readable secret waits for it`() throws {
    bench.unreadable[shop.secret] = "no file"
    let ask = bench.ask("a", account: "shop")
    add(after: 1_000)
    bench.world.after(10_000) { bench.unreadable = [:] }
    try bench.run(.stay, for: 60_000)
    #expect(told == ["shop unknown", "shop added", "shop without secret", "shop with secret"])
    #expect(try bench.state(ask) == .delivered)
  }

  @Test
  func `a person who has the configuration read again has missing secrets looked for at once`()
    throws
  {
    bench.unreadable[bench.settings.secret] = "no file"
    bench.ask("a", "ou_1")
    bench.world.after(2_000) {
      bench.unreadable = [:]
      bench.world.reloadRequests += 1
    }
    try bench.run(.stay, for: 5_000)
    #expect(told == ["default without secret", "default with secret"])
    #expect(bench.feishu.arrivals.count == 1)
  }

  @Test func `what cannot be written down yet is taken over as soon as it can`() throws {
    let ask = bench.ask("a", "ou_1", account: "shop")
    let other = try Connection(path: bench.path, mode: .readWrite, patience_ms: 1_000)
    let holder = Holder(other)
    bench.world.after(900) { holder.run("begin immediate") }
    add(after: 1_000)
    bench.world.after(4_000) { holder.run("rollback") }
    try bench.run(.stay, for: 8_000)
    #expect(told == ["shop unknown", "shop added"])
    #expect(try bench.state(ask) == .delivered)
  }

  private final class Holder {
    let connection: Connection

    init(_ connection: consuming Connection) { self.connection = connection }

    func run(_ sql: String) {
      do { try connection.run(script: sql) } catch { Issue.record("\(sql): \(error)") }
    }
  }

  @Test func `thousands of accounts are taken over a few at a time, and are all there`() throws {
    let many = (0..<3_000).map { number in
      AccountSettings(
        name: "a\(number)", host: "https://feishu.test", appID: "cli_\(number)",
        secret: .environment("S"))
    }
    bench.feishu.callsPerSecond = 10_000
    for number in stride(from: 0, to: 3_000, by: 100) { bench.ask("t", account: "a\(number)") }
    bench.world.after(1_000) { bench.edit { $0 += many } }
    bench.world.after(60_000) { bench.edit { $0 = [bench.settings] } }
    try bench.run(.stay, for: 120_000)
    #expect(bench.feishu.arrivals.count == 30)
    #expect(told.filter { $0.hasSuffix("added") }.count == 3_000)
    #expect(told.filter { $0.hasSuffix("removed") }.count == 3_000)
  }

  @Test func `accounts that the configuration does not name leave no trace in the queue`() throws {
    bench.edit { $0 = [bench.settings] }
    try bench.run(.once)
    #expect(told.isEmpty)
    #expect(try bench.number("select count(*) from account") == 1)
  }

  @Test func `a refusal by the host that was replaced kills nothing`() throws {
    bench.feishu.latency_ms = 2_000
    bench.feishu.fault = { call, _ in
      call == 1 ? .answer(400, #"{"code":230001,"msg":"param is invalid"}"#) : nil
    }
    let ask = bench.ask("a", "ou_1")
    bench.world.after(2_500) { [bench] in bench.edit { $0[0].host = "https://other.test" } }
    try bench.run(.stay, for: 60_000)
    #expect(try bench.state(ask) == .delivered)
    #expect(bench.feishu.arrivals.count == 2)
    #expect(try bench.number("select count(*) from lane where attempts > 0") == 0)
  }

  @Test func `an account that was removed is not stuck any more`() throws {
    bench.others = [shop]
    bench.feishu.fault = { _, _ in .neverLeft("no way") }
    bench.ask("a", "ou_1", account: "shop")
    remove(after: 60_000)
    // A run with a time limit would give up before that.
    bench.world.after(300_000) { [bench] in bench.world.stopRequests = 1 }
    try bench.run(.stay)
    #expect(bench.beats.contains { !$0.stuck.isEmpty })
    #expect(bench.beats.last?.stuck == [])
  }
}
