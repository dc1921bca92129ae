import Delivery
import Larkspur
import Testing

@testable import Doctor

/// What doctor makes of store apps and their tenants.
struct StoreAppTests {
  private let app: AccountSettings

  init() {
    var app = AccountSettings(
      name: "acme", host: "https://open.feishu.cn", appID: "cli_1", secret: .environment("S"))
    app.issuing = .storeApp(StoreApp(ticket: .file("/nowhere/ticket")))
    self.app = app
  }

  private func row(_ name: String, app: String? = nil) -> QueueReading.AccountRow {
    QueueReading.AccountRow(name: name, isConfigured: true, app: app)
  }

  private func findings(
    _ accounts: [AccountSettings], rows: [String] = ["acme.k1", "acme.k2"], only: String? = nil,
    ticket: Result<String, SecretProblem> = .success("t-1")
  ) -> [Finding] {
    ConfigurationCheck(
      reading: ConfigurationReading(accounts: .success(accounts)),
      rows: [row("acme")] + rows.map { row($0, app: "acme") }, pending: ["acme.k1", "acme.new"],
      isWorked: true, only: only,
      readSecret: { $0 == .file("/nowhere/ticket") ? ticket : .success("s3cret") }
    ).findings()
  }

  @Test func `its tenants are configured with it`() {
    let wrong = findings([app]).filter { $0.code == .unconfiguredAccount || $0.code == .reload }
    #expect(wrong.map(\.summary) == [])
  }

  @Test func `a missing app is told once, not for each of its tenants`() {
    let other = AccountSettings(
      name: "shop", host: "https://open.feishu.cn", appID: "cli_2", secret: .environment("S"))
    let told = findings([other]).filter { $0.summary.contains("which is not configured here") }
    #expect(told.count == 1)
  }

  @Test func `a tenant may be asked about, and its app is what it needs`() {
    let all = findings([app], only: "acme.k1", ticket: .failure(SecretProblem("no such file")))
    #expect(!all.contains { $0.summary.contains("there is no account") })
    let ticket = all.first { $0.code == .secret }
    #expect(ticket?.fix?.contains("larkspur ticket --app acme -") ?? false)
  }
}
