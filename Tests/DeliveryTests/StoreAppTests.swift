import Delivery
import Larkspur
import Planning
import Testing

/// How a store app and its tenants get their tokens.
struct StoreAppTests {
  private let acme: StoreAppBench
  private var bench: Bench { acme.bench }
  private var store: SimulatedStore { acme.store }

  init() throws { acme = try StoreAppBench() }

  @Test func `an ask makes its tenant's account, and each call carries that tenant's token`() throws
  {
    for number in 0..<6 { acme.ask("k\(number % 3)", "token\(number)") }
    try bench.run()
    #expect(
      bench.feishu.carried == [
        "k0": ["token0", "token3"], "k1": ["token1", "token4"], "k2": ["token2", "token5"],
      ])
    #expect(store.appRequests.count == 1)
    #expect(store.tenantRequests.map(\.tenant).sorted() == ["k0", "k1", "k2"])
    #expect(store.resends == [])
    #expect(try acme.delivered() == 6)
  }

  @Test func `the requests say what the documentation names, and no secret more`() throws {
    bench.ticket = .success("old")
    store.onResend = { [bench] in bench.world.after(5_000) { bench.ticket = .success("ticket-1") } }
    acme.ask("k", "a")
    try bench.run(.stay, for: 20_000)
    #expect(store.resends.count == 1)
    #expect(try acme.delivered() == 1)
    #expect(store.surplus == [])
  }

  @Test(arguments: [Result.success("old"), .failure(SecretProblem("no such file"))])
  func `without a good ticket, Feishu is asked for one once, and all tenants wait for it together`(
    ticket: Result<String, SecretProblem>
  ) throws {
    bench.ticket = ticket
    store.onResend = { [bench] in
      bench.world.after(120_000) { bench.ticket = .success("ticket-1") }
    }
    for tenant in 0..<20 { acme.ask("k\(tenant)", "a\(tenant)") }
    try bench.run(.stay, for: 125_000)
    #expect(store.resends.count == 1)
    #expect(store.appRequests.count == (ticket == .success("old") ? 2 : 1))
    #expect(try acme.parked() == [])
    #expect(try acme.delivered() == 20)
    let told = bench.events.filter { if case .secretMissing = $0 { true } else { false } }
    #expect(told.count == 1)
  }

  @Test func `a ticket that does not come is asked for again after ten minutes`() throws {
    bench.ticket = .success("old")
    acme.ask("k", "a")
    try bench.run(.stay, for: 1_500_000)
    #expect(store.resends.count == 3)
    #expect(store.appRequests.count == 1)
  }

  @Test(arguments: [Result.success("old"), .failure(SecretProblem("no such file"))])
  func `a run with an end asks for a ticket, but does not wait for it`(
    ticket: Result<String, SecretProblem>
  ) throws {
    bench.ticket = ticket
    acme.ask("k", "a")
    let result = try bench.run(.once)
    #expect(store.resends.count == 1)
    #expect(bench.world.now - bench.start < 5_000)
    #expect(result.missingSecret?.contains("app ticket") ?? false)
  }

  @Test func `runs that follow each other do not ask for a ticket more often than one that stays`()
    throws
  {
    bench.ticket = .failure(SecretProblem("no such file"))
    acme.ask("k", "a")
    for _ in 0..<25 {
      try bench.run(.once)
      bench.world.now += 60_000
    }
    #expect(store.resends.count == 3)
    // Another app's ticket was not asked for yet.
    bench.others[0].appID = "cli_10"
    bench.world.after(1_000) { [bench] in bench.edit { $0[1].appID = "cli_11" } }
    try bench.run(.stay, for: 5_000)
    #expect(store.resends.count == 4)
  }

  @Test func `a ticket that was refused is not tried again by the next run`() throws {
    bench.ticket = .success("old")
    acme.ask("k", "a")
    try bench.run(.once)
    try bench.run(.once)
    #expect(store.appRequests.count == 1)
    bench.ticket = .success("ticket-1")
    try bench.run(.once)
    #expect(try acme.delivered() == 1)
  }

  @Test func `when the app's token is refused, it is replaced once for all tenants`() throws {
    acme.ask("k0", "a")
    bench.world.after(10_000) { [store] in store.revokeAppToken() }
    for tenant in 1..<9 {
      bench.world.after(11_000) { bench.ask("b", account: "acme.k\(tenant)") }
    }
    try bench.run(.stay, for: 30_000)
    #expect(store.appRequests.count == 2)
    #expect(try acme.parked() == [] && acme.delivered() == 9)
  }

  @Test func `tokens are renewed hardly more often than they have to be`() throws {
    for minute in 0..<(20 * 60) {
      bench.world.after(minute * 60_000) { [bench] in
        for tenant in 0..<4 { bench.ask("t\(tenant)", account: "acme.k\(tenant)") }
      }
    }
    try bench.run(.stay, for: 20 * 3_600_000)
    // Two hours each.
    #expect(store.tenantRequests.count <= 44, "\(store.tenantRequests.count)")
    #expect(store.appRequests.count <= 11, "\(store.appRequests.count)")
    #expect(try acme.delivered() == 4 * 20 * 60)
    #expect(bench.feishu.bearers.count == 4 * 20 * 60)
  }

  @Test func `many tenants at once get their tokens at a limited rate`() throws {
    for tenant in 0..<200 { acme.ask("k\(tenant)", "a") }
    try bench.run()
    let moments = store.tenantRequests.map(\.at)
    #expect(moments.count == 200)
    for moment in moments {
      #expect(moments.count { moment <= $0 && $0 < moment + 1_000 } <= 50)
    }
    #expect(try acme.delivered() == 200)
  }

  @Test func `two thousand tenants with tickets every minute and tokens that expire`() throws {
    store.lives_ms = 3_600_000
    let minutes = 120
    for minute in 1..<minutes {
      bench.world.after(minute * 60_000) { [store] in store.ticket = "ticket-\(minute + 1)" }
      // Until the app's backend has stored it, the app has only the old one.
      bench.world.after(minute * 60_000 + 5_000) { [bench] in
        bench.ticket = .success("ticket-\(minute + 1)")
      }
    }
    store.absent = Set((0..<100).map { "k\($0)" })
    bench.world.after(30 * 60_000) { [store] in store.absent = [] }
    // The second time all tokens have expired.
    for minute in [0, 70] {
      bench.world.after(minute * 60_000 + 1) { [bench] in
        for tenant in 0..<2_000 {
          bench.ask("m\(minute)", account: "acme.k\(tenant)")
          if minute == 0 || tenant >= 200 { continue }
          bench.sql(
            """
            insert into ask (account, kind, lane, body, asked_ms) values ('acme.k\(tenant)', 'card', 'c\(tenant)',
              '{"actions":[{"action":"delete_elements","params":{"element_ids":["e\(minute)"]}}]}',
              \(bench.world.now + bench.world.wallOffset))
            """)
        }
      }
    }
    try bench.run(.stay, for: minutes * 60_000)
    #expect(try acme.parked() == [])
    #expect(try acme.delivered() == 4_200)
    // Two for each tenant, and those that were refused to absent ones.
    let refused = store.tenantRequests.count { $0.at < bench.start + 65 * 60_000 } - 2_000
    #expect(refused <= 200, "\(refused)")
    #expect(store.tenantRequests.count - refused <= 4_400, "\(store.tenantRequests.count)")
    #expect(store.appRequests.count <= 6, "\(store.appRequests.count)")
    let busiest =
      Dictionary(grouping: store.tenantRequests) { $0.at / 60_000 }.map(\.value.count).max() ?? 0
    #expect(busiest <= 1_000, "\(busiest)")
  }
}
