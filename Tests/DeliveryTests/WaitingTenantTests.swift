import Delivery
import Larkspur
import Planning
import Testing

/// What keeps the tenants of a store app waiting, and what is said of it.
struct WaitingTenantTests {
  private let acme: StoreAppBench
  private var bench: Bench { acme.bench }
  private var store: SimulatedStore { acme.store }

  init() throws { acme = try StoreAppBench() }

  @Test func `a tenant that has uninstalled the app is parked alone, until it is back`() throws {
    store.absent = ["gone"]
    acme.ask("gone", "a")
    acme.ask("here", "b")
    try bench.run(.stay, for: 30_000)
    #expect(try acme.parked() == ["acme.gone"])
    #expect(bench.feishu.carried == ["here": ["b"]])
    store.absent = []
    try bench.run(.stay, for: 2_000_000)
    #expect(try acme.parked() == [])
    #expect(bench.feishu.carried["gone"] == ["a"])
  }

  @Test func `a wrong secret parks the app, once, and not its tenants`() throws {
    store.secret = "other"
    for tenant in 0..<5 { acme.ask("k\(tenant)", "a") }
    try bench.run(.stay, for: 20_000)
    #expect(try acme.parked() == ["acme"])
    #expect(store.appRequests.count == 1)
    let told = bench.events.filter { if case .parked = $0 { true } else { false } }
    #expect(told.count == 1)
    store.secret = "s3cret"
    try bench.run(.stay, for: 2_000_000)
    #expect(try acme.parked() == [] && acme.delivered() == 5)
  }

  @Test func `lanes show that their app waits for a ticket, until it comes`() throws {
    bench.ticket = .failure(SecretProblem("no such file"))
    acme.ask("k0", "a")
    acme.ask("k1", "b")
    try bench.run(.stay, for: 5_000)
    let why = "app 'acme' cannot sign in: the app ticket is not there: no such file"
    let wanted = (0..<2).map { "acme.k\($0): credentials, \(why)" }
    #expect(try acme.shown() == wanted)
    try bench.run(.once)
    #expect(try acme.shown() == wanted)
    bench.world.after(1_000) { [bench] in bench.ticket = .success("ticket-1") }
    try bench.run(.stay, for: 10_000)
    #expect(try acme.shown() == [] && acme.delivered() == 2)
  }

  @Test func `lanes show that their app is parked`() throws {
    store.secret = "other"
    acme.ask("k0", "a")
    bench.world.after(5_000) { [bench] in bench.ask("b", account: "acme.k1") }
    try bench.run(.stay, for: 10_000)
    let shown = try acme.shown()
    #expect(
      shown.map { $0.prefix(42) } == [
        "acme.k0: credentials, app 'acme' is parked", "acme.k1: credentials, app 'acme' is parked",
      ])
  }

  @Test func `a tenant whose token is still good goes on without a ticket`() throws {
    acme.ask("k0", "a")
    bench.world.after(5_000) { [bench] in
      bench.ticket = .failure(SecretProblem("no such file"))
      bench.ask("b", account: "acme.k0")
    }
    try bench.run(.stay, for: 20_000)
    #expect(try acme.shown() == [] && acme.delivered() == 2)
  }
}
