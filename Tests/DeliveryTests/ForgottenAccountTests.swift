import Delivery
import Larkspur
import Planning
import Testing

/// `forget --account` while a worker runs, and without one.
struct ForgottenAccountTests {
  private let acme: StoreAppBench
  private var bench: Bench { acme.bench }
  private var store: SimulatedStore { acme.store }

  init() throws { acme = try StoreAppBench() }

  @discardableResult
  private func forget(_ account: String) throws(QueueError) -> Inspector.ForgottenAccount {
    try Inspector(queue: bench.path).forget(account: account)
  }

  private func rows(of account: String) throws -> [String] {
    try Inspector(queue: bench.path).rows(
      """
      select 'account' from account where name = '\(account)'
      union all select 'ask' from ask where account = '\(account)'
      union all select 'total' from total where account = '\(account)'
      union all select 'uncounted' from uncounted_ask where account = '\(account)'
      union all select 'token' from known_token where account = '\(account)'
      union all select 'key' from known_key where account = '\(account)'
      """
    ).rows.map { row in if case .text(let table)? = row.first { table } else { "?" } }
  }

  private func orphans() throws -> Int {
    try ["lane", "call", "budget", "audience", "refused_person", "span"].map {
      try bench.number(
        "select count(*) from \($0) where account_id is not null and account_id not in (select id from account)"
      )
    }.reduce(0, +)
  }

  @Test func `nothing is left of a tenant that has uninstalled the app, and the worker goes on`()
    throws
  {
    bench.sql(
      "insert into sighting (account, token, key, open_id) values ('acme.gone', 'a', 'ticket-1', 'ou_1')"
    )
    bench.ask("a", "ou_1", account: "acme.gone")
    bench.ask("b", account: "acme.here")
    bench.world.after(200_000) { [store] in store.absent = ["gone"] }
    // Its token is good for two hours.
    bench.world.after(8_000_000) { [bench] in bench.ask("a", account: "acme.gone") }
    bench.world.after(8_100_000) { [self] in
      do {
        let gone = try forget("acme.gone")
        #expect(
          gone.asks == 2 && gone.cancelled == 1 && gone.sightings.total == 3 && gone.calls >= 2)
      } catch { Issue.record("\(error)") }
    }
    bench.world.after(8_150_000) { [bench] in bench.ask("c", account: "acme.here") }
    try bench.run(.stay, for: 8_200_000)
    #expect(try rows(of: "acme.gone") == [])
    #expect(try orphans() == 0)
    #expect(bench.feishu.carried == ["gone": ["a"], "here": ["b", "c"]])
  }

  @Test func `one with a call that is not settled is not forgotten`() throws {
    acme.ask("k", "a")
    try bench.run()
    acme.ask("k", "b")
    bench.tamper(
      "update call set ended_ms = null, outcome = null where id = (select max(id) from call)")
    bench.world.now += 600_000
    let error = #expect(throws: QueueError.self) { try forget("acme.k") }
    #expect(error?.description.contains("is not settled") ?? false, "\(error?.description ?? "")")
  }

  @Test func `a tenant that is back is a new one`() throws {
    bench.ask("a", "ou_1", account: "acme.k")
    bench.world.after(200_000) { [self] in
      #expect(throws: Never.self) { try forget("acme.k") }
    }
    bench.world.after(201_000) { [bench] in bench.ask("b", "ou_1", account: "acme.k") }
    try bench.run(.stay, for: 300_000)
    #expect(bench.feishu.carried == ["k": ["a", "b"]])
    #expect(store.tenantRequests.count == 2)
    #expect(try orphans() == 0)
  }

  @Test func `one that waits in line with others leaves it`() throws {
    bench.ticket = .success("old")
    for tenant in 0..<3 { bench.ask("a", account: "acme.k\(tenant)") }
    bench.world.after(30_000) { [self] in
      #expect(throws: Never.self) { try forget("acme.k1") }
    }
    bench.world.after(40_000) { [bench] in bench.ticket = .success("ticket-1") }
    try bench.run(.stay, for: 60_000)
    #expect(store.tenantRequests.map(\.tenant).sorted() == ["k0", "k2"])
  }

  @Test
  func `what is configured is not forgotten, nor an app that has tenants, nor what is not known`()
    throws
  {
    bench.ask("a", account: "acme.k")
    try bench.run()
    for (name, words) in [
      ("default", "configuration"), ("acme", "configuration"), ("acme.new", "not known"),
    ] {
      let error = #expect(throws: QueueError.self) { try forget(name) }
      #expect(error?.description.contains(words) ?? false, "\(name): \(error?.description ?? "")")
    }
    bench.others = []
    bench.world.after(200_000) {}
    try bench.run(.stay, for: 300_000)
    let error = #expect(throws: QueueError.self) { try forget("acme") }
    #expect(error?.description.contains("tenants first") ?? false)
    #expect(throws: Never.self) {
      try forget("acme.k")
      try forget("acme")
    }
    #expect(try rows(of: "acme") + rows(of: "acme.k") == [])
    try bench.run(.once)
  }

  @Test
  func `a worker that has seen an app removed and forgotten goes on when its tenant is asked for`()
    throws
  {
    bench.ask("a", account: "acme.k")
    bench.world.after(20_000) { [bench] in bench.edit { $0.removeAll { $0.name == "acme" } } }
    bench.world.after(200_000) { [self] in
      #expect(throws: Never.self) {
        try forget("acme.k")
        try forget("acme")
      }
    }
    bench.world.after(210_000) { [bench] in bench.ask("b", account: "acme.k") }
    try bench.run(.stay, for: 230_000)
    #expect(bench.feishu.carried == ["k": ["a"]])
  }

  /// A reload of many tenants takes several turns, of 50 changes each.
  @Test(arguments: [1, 2, 3])
  func `no tenant comes back, and none gets another's token, if one is forgotten amid a reload`(
    turn: Int
  ) throws {
    let tenants = (0..<140).map { "k\($0)" }
    for tenant in tenants { bench.ask("a", account: "acme.\(tenant)") }
    let gone = ["k0", "k60", "k139"]
    bench.world.after(200_000) { [self] in
      var app = acme.app()
      app.appID = "cli_10"
      bench.edit { $0[1] = app }
    }
    bench.world.after(200_000 + turn) { [self] in
      for tenant in gone {
        #expect(throws: Never.self) { try forget("acme.\(tenant)") }
      }
      // They get the numbers of those that are gone.
      for tenant in ["n0", "n1", "n2"] { bench.ask("b", account: "acme.\(tenant)") }
    }
    try bench.run(.stay, for: 230_000)
    for tenant in gone { #expect(try rows(of: "acme.\(tenant)") == [], "\(tenant)") }
    #expect(try orphans() == 0)
    var wanted = Dictionary(uniqueKeysWithValues: tenants.map { ($0, ["a"]) })
    for tenant in ["n0", "n1", "n2"] { wanted[tenant] = ["b"] }
    #expect(bench.feishu.carried == wanted)
  }
}
