import Delivery
import Larkspur
import Planning
import Testing

/// A queue with one store app, `acme`, and Feishu's rules for its tokens.
struct StoreAppBench {
  let bench: Bench
  let store = SimulatedStore()

  init() throws {
    bench = try Bench()
    bench.feishu.store = store
    bench.feishu.callsPerSecond = 1_000
    bench.others = [app()]
  }

  func app(_ change: (inout StoreApp) -> Void = { _ in }) -> AccountSettings {
    var settings = AccountSettings(
      name: "acme", host: "https://feishu.test", appID: "cli_9", secret: .environment("ACME"))
    var app = StoreApp(ticket: .file("ticket"))
    change(&app)
    settings.issuing = .storeApp(app)
    return settings
  }

  @discardableResult
  func ask(_ tenant: String, _ token: String) -> Int {
    bench.ask(token, account: "acme.\(tenant)")
  }

  func parked() throws -> [String] {
    try bench.intake.db.all("select name from account where parked is not null order by name") {
      (row) throws(StoreError) in row.text(0)
    }
  }

  func delivered() throws -> Int {
    try bench.number("select count(*) from ask where outcome = 'delivered'")
  }

  /// What keeps channels waiting, as the views tell it.
  func shown() throws -> [String] {
    try bench.intake.db.all(
      """
      select distinct name || ': ' || paused_for || ', ' || paused_why from budget join account on account.id = account_id
      where paused_ms > 0 and api <> 'auth' order by name
      """
    ) { (row) throws(StoreError) in row.text(0) }
  }
}
