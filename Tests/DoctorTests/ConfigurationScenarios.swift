import Delivery
import Foundation
import Larkspur
import Planning
import Terminal
import Testing

@testable import Doctor

extension Scenario {
  private static func account(_ name: String = "shop", secret: SecretSource = .environment("S"))
    -> AccountSettings
  {
    AccountSettings(name: name, host: "https://open.feishu.cn", appID: "cli_1", secret: secret)
  }

  private static func row(
    _ name: String = "shop", isConfigured: Bool? = true, allowance: String? = nil,
    trouble: Trouble? = nil
  ) -> QueueReading.AccountRow {
    QueueReading.AccountRow(
      name: name, isConfigured: isConfigured, allowance: allowance, trouble: trouble,
      why: trouble.map { _ in "99991672 Access denied (HTTP 400)" })
  }

  private static func findings(
    _ accounts: [AccountSettings] = [account()], rows: [QueueReading.AccountRow]? = [],
    pending: [String]? = [], isWorked: Bool = false, only: String? = nil,
    secret: Result<String, SecretProblem> = .success("s3cret")
  ) -> [Finding] {
    ConfigurationCheck(
      reading: ConfigurationReading(accounts: .success(accounts)), rows: rows, pending: pending,
      isWorked: isWorked, only: only, readSecret: { _ in secret }
    ).findings()
  }

  private static func unusable(
    _ failure: Failure, file: String? = nil, isMissing: Bool = false,
    rows: [QueueReading.AccountRow]? = nil
  ) -> [Finding] {
    ConfigurationCheck(
      reading: ConfigurationReading(
        accounts: .failure(failure), file: file, isMissing: isMissing), rows: rows,
      readSecret: { _ in .success("") }
    ).findings()
  }

  private static let unset = Failure(
    .configuration, "LARKSPUR_APP_ID is not set; set it to the app id (cli_…)")

  static let ofConfigurations: [Scenario] = [
    Scenario(.configuration, .fine) { _ in findings() },
    Scenario(.configuration, .wrong) { bench in
      let file = try bench.write(#"{"acounts":{}}"#, to: "config.json")
      let reading = ConfigurationReading(flag: file)
      return ConfigurationCheck(reading: reading, readSecret: { _ in .success("") }).findings()
    },
    Scenario(.configuration, .wrong) { _ in unusable(unset, isMissing: true) },
    Scenario(.configuration, .wrong) { _ in findings(only: "other") },
    Scenario(.configuration, .unknown) { _ in unusable(unset, isMissing: true, rows: [row()]) },
    Scenario(.account, .fine) { _ in findings() },
    Scenario(.secret, .wrong) { _ in
      findings(secret: .failure(SecretProblem("variable S is not set")))
    },
    Scenario(.secret, .wrong) { bench in
      let file = bench.file("secret")
      return SecretCheck(account: account(secret: .file(file))) { _ in
        .failure(SecretProblem("cannot read secret file \(file): no such file or directory"))
      }.findings()
    },
    Scenario(.secret, .unknown) { bench in
      mkfifo(bench.file("secret"), 0o600)
      return SecretCheck(account: account(secret: .file(bench.file("secret")))) { _ in
        Issue.record("the secret was taken from the worker")
        return .success("")
      }.findings()
    },
    Scenario(.secretMode, .warn) { bench in
      let file = try bench.write("s3cret\n", to: "secret", mode: 0o644)
      return findings([account(secret: .file(file))])
    },
    Scenario(.ticketAge, .warn) { bench in
      let file = try bench.write("t-1\n", to: "ticket", mode: 0o600)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -8_000)], ofItemAtPath: file)
      var app = account(secret: .file(file))
      app.issuing = .storeApp(StoreApp(ticket: .file(file)))
      return findings([app])
    },
    Scenario(.limits, .warn) { _ in
      findings(rows: [row(allowance: #"{"preview":[[1,1000]]}"#)], isWorked: true)
    },
    Scenario(.reload, .warn) { _ in findings(rows: [], isWorked: true) },
    Scenario(.reload, .warn) { _ in findings(rows: [row(isConfigured: false)], isWorked: true) },
    Scenario(.reload, .warn) { _ in
      findings(rows: [row(allowance: account().allowance), row("other")], isWorked: true)
    },
    Scenario(.unconfiguredAccount, .wrong) { _ in
      findings(rows: [row(), row("other", isConfigured: false)], pending: ["other", "shop"])
    },
    Scenario(.unconfiguredAccount, .unknown) { _ in findings(rows: [row()], pending: nil) },
    Scenario(.accountParked, .wrong) { _ in
      Trouble.allCases.flatMap { findings(rows: [row(trouble: $0)]) }
    },
    Scenario(.accountParked, .wrong) { _ in unusable(unset, rows: [row(trouble: .address)]) },
  ]

  static let ofMachines: [Scenario] = [
    Scenario(.inotify, .fine) { MachineCheck(folder: $0.folder).findings() },
    Scenario(.inotify, .wrong) { bench in
      MachineCheck(
        folder: bench.folder,
        watch: { _ in
          errno = EMFILE
          return nil
        }
      ).findings()
    },
    Scenario(.inotifyLimits, .fine) { bench in
      try bench.write("128\n", to: "max_user_instances")
      try bench.write("65536\n", to: "max_user_watches")
      return MachineCheck(folder: bench.folder, limits: bench.folder).findings()
    },
    Scenario(.inotifyLimits, .warn) { bench in
      try bench.write("128\n", to: "max_user_instances")
      try bench.write("64\n", to: "max_user_watches")
      return MachineCheck(folder: bench.folder, limits: bench.folder).findings()
    },
    Scenario(.inotifyLimits, .unknown) { bench in
      MachineCheck(folder: bench.folder, limits: "/nowhere").findings()
    },
    Scenario(.fileSizeLimit, .warn) { bench in
      MachineCheck(folder: bench.folder, fileSizeLimit: 1_000_000).findings()
    },
  ]
}

struct ConfigurationCheckTests {
  @Test func `the configuration of a worker that does not run is not compared`() {
    let account = AccountSettings(
      name: "shop", host: "https://open.feishu.cn", appID: "cli_1", secret: .environment("S"))
    let findings = ConfigurationCheck(
      reading: ConfigurationReading(accounts: .success([account])), rows: [], pending: [],
      readSecret: { _ in .success("s") }
    ).findings()
    #expect(findings.map(\.code) == [.configuration, .account])
  }

  @Test func `a parked account's missing scope is named with the page that grants it`() {
    for (host, page) in [
      ("https://open.feishu.cn", "https://open.feishu.cn/app/cli_1/auth"),
      ("https://open.larksuite.com", "https://open.larksuite.com/app/cli_1/auth"),
      ("http://127.0.0.1:9000", "https://open.feishu.cn/app/cli_1/auth"),
    ] {
      let account = AccountSettings(
        name: "shop", host: host, appID: "cli_1", secret: .environment("S"))
      let row = QueueReading.AccountRow(
        name: "shop", isConfigured: true, trouble: .permission, why: "99991672 Access denied")
      let findings = ConfigurationCheck(
        reading: ConfigurationReading(accounts: .success([account])), rows: [row], pending: [],
        readSecret: { _ in .success("s") }
      ).findings()
      let fix = findings.first { $0.code == .accountParked }?.fix
      #expect(fix?.contains("(\(page))") == true, "\(fix ?? "")")
      #expect(fix?.hasSuffix("then run 'larkspur resume shop'") == true)
    }
  }

  @Test func `no finding repeats a secret`() {
    let account = AccountSettings(
      name: "shop", host: "https://open.feishu.cn", appID: "cli_1", secret: .environment("S"))
    let findings = ConfigurationCheck(
      reading: ConfigurationReading(accounts: .success([account])), rows: [], pending: [],
      readSecret: { _ in .success("canary") }
    ).findings()
    #expect(findings.allSatisfy { !$0.json.contains("canary") })
  }
}
