import Foundation
import Larkspur
import Testing

/// The real programs, as built beside these tests.
enum Programs {
  static let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()

  /// A program of another origin is named by its whole path.
  static func path(_ name: String) -> String {
    name.hasPrefix("/") ? name : folder.appending(path: name).path
  }

  struct Finished {
    let status: Int32
    let out: String
    let err: String
  }

  /// Runs a program to its end. The bound is for a broken one; it is killed then, and says so.
  static func run(
    _ name: String, _ arguments: [String], _ environment: [String: String] = [:],
    within seconds: Double = 120
  ) throws -> Finished {
    let started = try start(name, arguments, environment)
    return started.finish(within: seconds)
  }

  static func start(
    _ name: String, _ arguments: [String], _ environment: [String: String] = [:]
  ) throws -> Started {
    let process = Process()
    process.executableURL = URL(filePath: path(name))
    process.arguments = arguments
    process.environment = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"]
      .merging(environment) { $1 }
    return try Started(process)
  }
}

/// A program that runs. It is killed with its last owner.
final class Started {
  let process: Process
  private let out: URL
  private let err: URL

  fileprivate init(_ process: Process) throws {
    self.process = process
    let folder = FileManager.default.temporaryDirectory
    out = folder.appending(path: "larkspur-out-\(UUID())")
    err = folder.appending(path: "larkspur-err-\(UUID())")
    for (file, set) in [
      (out, { process.standardOutput = $0 }), (err, { process.standardError = $0 }),
    ] as [(URL, (FileHandle) -> Void)] {
      try Data().write(to: file)
      set(try FileHandle(forWritingTo: file))
    }
    process.standardInput = FileHandle.nullDevice
    try process.run()
  }

  deinit {
    kill(SIGKILL)
    for file in [out, err] { try? FileManager.default.removeItem(at: file) }
  }

  var pid: Int32 { process.processIdentifier }
  var output: String { (try? String(contentsOf: out, encoding: .utf8)) ?? "" }
  var errors: String { (try? String(contentsOf: err, encoding: .utf8)) ?? "" }

  func kill(_ signal: Int32) {
    if process.isRunning { Foundation.kill(pid, signal) }
  }

  func finish(within seconds: Double = 120) -> Programs.Finished {
    let isDone = eventually(within: seconds) { !self.process.isRunning }
    if !isDone {
      kill(SIGKILL)
      Issue.record("it did not end within \(seconds) s")
    }
    process.waitUntilExit()
    let status = process.terminationReason == .exit ? process.terminationStatus : -1
    return Programs.Finished(status: status, out: output, err: errors)
  }
}

/// Looks until it is so. The bound is for a broken program: nothing is assumed to be so after a time.
@discardableResult
func eventually(within seconds: Double = 60, _ isSo: () throws -> Bool) rethrows -> Bool {
  let end = Date().addingTimeInterval(seconds)
  while Date() < end {
    if try isSo() { return true }
    usleep(5_000)
  }
  return try isSo()
}

/// One request, as the sandbox saw it.
struct Recorded: Decodable {
  let path: String
  let arrived_us: Int
  let preview_tokens: [String]?
  let open_ids: [String]?
  let card: String?
  let session: String?
  let body: String?
  let status: Int?
  let code: Int?
  let verdict: String
  let applied: Bool
  let log_id: String

  var isPreview: Bool { path.hasSuffix("/url_previews/batch_update") }
}

/// A local Feishu and a queue, in a folder of their own.
final class Place {
  let folder: URL
  var queue: String { folder.appending(path: "queue.db").path }
  private(set) var environment: [String: String] = [:]
  private var sandbox: Started?
  var record: URL { folder.appending(path: "record.jsonl") }

  init(sandbox options: [String]? = []) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "larkspur-e2e-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    environment = [
      "LARKSPUR_DB": queue, "LARKSPUR_APP_ID": "cli_sandbox", "LARKSPUR_APP_SECRET": "sandbox",
      "LARKSPUR_BASE_URL": "http://127.0.0.1:1",
    ]
    if let options { try startSandbox(options) }
  }

  deinit {
    sandbox?.kill(SIGKILL)
    try? FileManager.default.removeItem(at: folder)
  }

  private func startSandbox(_ options: [String]) throws {
    let started = try Programs.start(
      "larkspur-sandbox", ["--record", record.path, "--exit-with-parent"] + options)
    sandbox = started
    let isUp = eventually { started.output.contains("\n") }
    try #require(isUp, "the sandbox did not start: \(started.errors)")
    let address = started.output.prefix { $0 != "\n" }
    set("LARKSPUR_BASE_URL", String(address))
  }

  func set(_ variable: String, _ value: String) { environment[variable] = value }

  func work(_ arguments: String..., within seconds: Double = 120) throws -> Programs.Finished {
    try Programs.run("larkspur-work", arguments, environment, within: seconds)
  }

  func startWork(_ arguments: String...) throws -> Started {
    try Programs.start("larkspur-work", arguments, environment)
  }

  @discardableResult
  func ask(_ asks: [Ask]) throws -> [Int] { try Intake(queue: queue).add(asks) }

  /// Asks by plain SQL, in one transaction.
  func ask(_ rows: [(kind: String, lane: String, body: String)]) throws {
    let intake = try Intake(queue: queue)
    try intake.db.transaction { () throws(SQLiteError) in
      for row in rows {
        try intake.db.execute(
          "insert into ask (kind, lane, body) values (?, ?, ?)", .text(row.kind),
          .text(row.lane), .text(row.body))
      }
    }
  }

  func records() throws -> [Recorded] {
    let text = try String(contentsOf: record, encoding: .utf8)
    return try text.split(separator: "\n").map {
      try JSONDecoder().decode(Recorded.self, from: Data($0.utf8))
    }
  }

  func previews() throws -> [Recorded] { try records().filter(\.isPreview) }

  func number(_ sql: String) throws -> Int {
    guard case .int(let number)? = try Inspector(queue: queue).rows(sql).rows.first?.first else {
      return -1
    }
    return number
  }

  func delivered() throws -> Int {
    try number("select count(*) from ask where outcome = 'delivered'")
  }
}
