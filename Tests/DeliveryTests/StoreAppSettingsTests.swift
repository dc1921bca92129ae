import Delivery
import Larkspur
import Planning
import Testing

/// What the configuration makes of an account: a store app, one's tenant, or neither.
struct StoreAppSettingsTests {
  private let acme: StoreAppBench
  private var bench: Bench { acme.bench }
  private var store: SimulatedStore { acme.store }

  init() throws { acme = try StoreAppBench() }

  @Test func `a tenant's own settings replace the app's`() throws {
    var exception = acme.app().ofTenant("small")
    exception.monthlyQuota = 2
    bench.others = [acme.app { [exception] in $0.exceptions["small"] = exception }]
    for number in 0..<4 {
      bench.world.after(number * 6_000) {
        bench.ask("a", account: "acme.small")
        bench.ask("a", account: "acme.usual")
      }
    }
    try bench.run(.stay, for: 60_000)
    #expect(bench.feishu.carried["small"]?.count == 2)
    #expect(bench.feishu.carried["usual"]?.count == 4)
  }

  @Test func `tenants of an app that is not configured wait until it is`() throws {
    bench.others = []
    acme.ask("k", "a")
    bench.world.after(10_000) { [bench] in bench.edit { $0.append(self.acme.app()) } }
    try bench.run(.stay, for: 20_000)
    #expect(bench.feishu.carried == ["k": ["a"]])
  }

  @Test func `an account that becomes a store app gets its tenants`() throws {
    var own = acme.app()
    own.issuing = .ownApp(.usual)
    bench.others = [own]
    acme.ask("k", "a")
    bench.world.after(10_000) { [bench] in
      bench.edit { $0[$0.count - 1] = self.acme.app() }
    }
    try bench.run(.stay, for: 20_000)
    #expect(bench.feishu.carried == ["k": ["a"]])
  }

  @Test(arguments: [WorkMode.Goal.once, .untilEmpty, .stay])
  func `lanes of an account that becomes a store app end, and say why`(goal: WorkMode.Goal) throws {
    bench.others[0].issuing = .ownApp(.usual)
    bench.withholdTokens(for: 1_000_000)
    for number in 0..<600 { bench.ask("a", "ou_\(number)", account: "acme") }
    for number in 0..<150 { bench.ask("b\(number)", account: "acme") }
    bench.sql(
      """
      insert into ask (account, kind, lane, body) values ('acme', 'card', 'c',
        '{"actions":[{"action":"delete_elements","params":{"element_ids":["e"]}}]}')
      """)
    try bench.run(.stay, for: 5_000)
    bench.others = [acme.app()]
    acme.ask("k", "b")
    try bench.run(goal, for: goal == .stay ? 20_000 : nil)
    #expect(bench.feishu.arrivals.map(\.tokens) == [["b"]])
    #expect(try ends() == ["751 \(Self.isStoreApp)"])
    #expect(try bench.number("select count(*) from lane where state <> 'idle'") == 0)
    #expect(try bench.number("select count(*) from parcel") == 0)
  }

  @Test func `so do those whose call is under way at that moment`() throws {
    bench.others[0].issuing = .ownApp(.usual)
    bench.feishu.latency_ms = 3_000
    bench.ask("a", "ou_1", account: "acme")
    // Its token comes after 3 s, its answer after 6.
    bench.world.after(4_500) { [self] in
      bench.ask("a", "ou_2", account: "acme")
      bench.edit { [acme] in $0[1] = acme.app() }
    }
    try bench.run(.stay, for: 20_000)
    #expect(try acme.delivered() == 1)
    #expect(try ends() == ["1 \(Self.isStoreApp)"])
  }

  @Test func `so does an Aily session of an account that becomes a tenant`() throws {
    var own = acme.app()
    own.issuing = .ownApp(.usual)
    own.name = "acme.k"
    bench.others = [own]
    bench.withholdTokens(for: 1_000_000)
    bench.sql(
      """
      insert into ask (account, kind, lane, body)
      values ('acme.k', 'session', 'session_4dfunz7sp1g8m', '{"metadata":"x"}')
      """)
    acme.ask("k", "a")
    try bench.run(.stay, for: 5_000)
    bench.others = [acme.app()]
    try bench.run(.untilEmpty)
    #expect(bench.feishu.carried == ["k": ["a"]])
    #expect(
      try ends() == ["1 Aily sessions are for self-built apps: a tenant of a store app has none"])
  }

  private static let isStoreApp =
    "this account is a store app: ask for one of its tenants, as account APP.TENANT_KEY"

  /// How many asks died, for each reason.
  private func ends() throws -> [String] {
    try bench.intake.db.all(
      "select count(*) || ' ' || reason from ask where outcome = 'dead' group by reason"
    ) { (row) throws(StoreError) in row.text(0) }
  }

  private func own(_ name: String) -> AccountSettings {
    var own = acme.app()
    own.issuing = .ownApp(.usual)
    own.name = name
    return own
  }

  @Test func `an account whose name is that of a tenant is taken over while the worker runs`()
    throws
  {
    bench.others = [own("acme.k")]
    acme.ask("k", "a")
    bench.world.after(10_000) { [bench, acme] in bench.edit { $0[1] = acme.app() } }
    bench.world.after(20_000) { [bench] in bench.ask("b", account: "acme.k") }
    // And becomes an account of its own again.
    bench.world.after(30_000) { [self] in bench.edit { $0[1] = own("acme.k") } }
    bench.world.after(40_000) { [bench] in bench.ask("c", account: "acme.k") }
    bench.world.after(50_000) { [bench, acme] in bench.edit { $0[1] = acme.app() } }
    bench.world.after(60_000) { [bench] in bench.ask("d", account: "acme.k") }
    try bench.run(.stay, for: 70_000)
    #expect(bench.feishu.arrivals.map(\.tokens) == [["a"], ["b"], ["c"], ["d"]])
    #expect(bench.feishu.carried == ["k": ["b", "d"]])
  }

  @Test func `one that waits for a token as a tenant can become an account of its own`() throws {
    bench.ticket = .failure(SecretProblem("no such file"))
    acme.ask("k", "a")
    bench.world.after(10_000) { [self] in bench.edit { $0[1] = own("acme.k") } }
    try bench.run(.stay, for: 20_000)
    #expect(bench.feishu.arrivals.map(\.tokens) == [["a"]])
    #expect(bench.feishu.carried == [:])
  }

  @Test func `tenants go and come back with their app`() throws {
    acme.ask("k", "a")
    bench.world.after(10_000) { [bench] in bench.edit { $0.removeLast() } }
    bench.world.after(20_000) { [bench] in bench.ask("b", account: "acme.k") }
    bench.world.after(30_000) { [bench] in bench.edit { $0.append(self.acme.app()) } }
    try bench.run(.stay, for: 25_000)
    #expect(bench.feishu.carried == ["k": ["a"]])
    #expect(try bench.number("select configured from account where name = 'acme.k'") == 0)
    try bench.run(.stay, for: 25_000)
    #expect(bench.feishu.carried == ["k": ["a", "b"]])
  }

  @Test func `idle tenants stay configured, and so is one that was never heard of`() throws {
    acme.ask("k", "a")
    try bench.run()
    try bench.run()
    #expect(try bench.number("select configured from account where name = 'acme.k'") == 1)
    #expect(try !bench.intake.isUnconfigured("acme.new"))
    #expect(try bench.intake.isUnconfigured("other.new"))
    #expect(try bench.intake.isUnconfigured("acmeX"))
  }

  @Test func `what a store app cannot have is refused at once`() throws {
    try bench.run()
    for (account, kind, words) in [
      ("acme.k", "session", "Aily sessions are for self-built apps"),
      ("acme", "preview", "ask for one of its tenants"),
    ] {
      let body = kind == "session" ? #"{"x":1}"# : #"{"everyone":true}"#
      let error = #expect(throws: (any Error).self) {
        try bench.intake.db.execute(
          "insert into ask (account, kind, lane, body) values (?, ?, 'lane', ?)", .text(account),
          .text(kind), .text(body))
      }
      #expect(String(describing: error).contains(words), "\(String(describing: error))")
    }
  }

  @Test func `what a store app cannot have ends when a worker first sees it`() throws {
    bench.sql(
      """
      insert into ask (account, kind, lane, body) values ('acme.k', 'session', 'session_4dfunz7sp1g8m', '{"metadata":"x"}'),
        ('acme', 'preview', 'a', '{"everyone":true}'), ('acme', 'key', 'ticket', '{"everyone":true}'),
        ('other.k', 'preview', 'b', '{"everyone":true}'), ('acme.k', 'preview', 'c', '{"everyone":true}')
      """)
    try bench.run(.once)
    let reasons = try bench.intake.db.all(
      "select reason from ask where outcome = 'dead' order by id"
    ) {
      (row) throws(StoreError) in row.text(0)
    }
    #expect(
      reasons == [
        "Aily sessions are for self-built apps: a tenant of a store app has none",
        "this account is a store app: ask for one of its tenants, as account APP.TENANT_KEY",
        "this account is a store app: ask for one of its tenants, as account APP.TENANT_KEY",
      ])
    #expect(bench.feishu.carried == ["k": ["c"]])
  }
}
