import Foundation
import Larkspur

/// A local Feishu and a queue, in their own folder.
package final class Place {
  package let folder: URL
  /// The queue that programs are given. If it changes, programs that already run keep the old one.
  package var queue: String { didSet { set("LARKSPUR_DB", queue) } }
  package private(set) var environment: [String: String] = [:]
  package private(set) var sandbox: Started?
  package var record: URL { folder.appending(path: "record.jsonl") }
  private var options: [String] = []

  package init(sandbox options: [String]? = []) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "larkspur-e2e-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    queue = folder.appending(path: "queue.db").path
    environment = [
      "LARKSPUR_DB": queue, "LARKSPUR_APP_ID": "cli_sandbox", "LARKSPUR_APP_SECRET": "sandbox",
      "LARKSPUR_BASE_URL": "http://127.0.0.1:1",
    ]
    if let options {
      self.options = options
      try startSandbox(port: nil)
    }
  }

  deinit {
    sandbox?.kill(SIGKILL)
    try? FileManager.default.removeItem(at: folder)
  }

  /// Copies the queue and the record to the folder that `LARKSPUR_EVIDENCE` names, if it is set.
  /// Returns where they are.
  package func keepEvidence() throws -> String? {
    guard let kept = ProcessInfo.processInfo.environment["LARKSPUR_EVIDENCE"] else { return nil }
    let copy = URL(filePath: kept).appending(path: folder.lastPathComponent)
    try FileManager.default.createDirectory(
      at: URL(filePath: kept), withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: folder, to: copy)
    return copy.path
  }

  private func startSandbox(port: String?) throws {
    let started = try Programs.start(
      "larkspur-sandbox",
      ["--record", record.path, "--exit-with-parent"] + (port.map { ["--port", $0] } ?? [])
        + options)
    sandbox = started
    guard eventually({ started.output.contains("\n") }) else {
      throw Trouble("the sandbox did not start: \(started.errors)")
    }
    let address = started.output.prefix { $0 != "\n" }
    set("LARKSPUR_BASE_URL", String(address))
  }

  /// The local Feishu disappears at once.
  package func killSandbox() {
    sandbox?.kill(SIGKILL)
    _ = sandbox?.finish()
    sandbox = nil
  }

  /// Restarts it at the same address with the same record, and with other options if any are given.
  package func bringSandboxBack(with options: [String]? = nil) throws {
    if let options { self.options = options }
    let address = environment["LARKSPUR_BASE_URL"] ?? ""
    try startSandbox(port: address.split(separator: ":").last.map(String.init))
  }

  package func set(_ variable: String, _ value: String) { environment[variable] = value }

  package func work(
    _ arguments: String..., within seconds: Double = 120
  ) throws -> Programs.Finished {
    try Programs.run("larkspur-work", arguments, environment, within: seconds)
  }

  package func startWork(_ arguments: String...) throws -> Started {
    try Programs.start("larkspur-work", arguments, environment)
  }

  @discardableResult
  package func ask(_ asks: [Ask]) throws -> [Int] { try Intake(queue: queue).add(asks) }

  /// Asks in plain SQL, in one transaction.
  package func ask(_ rows: [(kind: String, lane: String, body: String)]) throws {
    let intake = try Intake(queue: queue)
    try intake.db.transaction { () throws(StoreError) in
      for row in rows {
        try intake.db.execute(
          "insert into ask (kind, lane, body) values (?, ?, ?)", .text(row.kind),
          .text(row.lane), .text(row.body))
      }
    }
  }

  package func records() throws -> [Recorded] { try Recorded.all(in: record) }

  package func previews() throws -> [Recorded] { try records().filter(\.isPreview) }

  package func number(_ sql: String) throws -> Int {
    guard case .int(let number)? = try Inspector(queue: queue).rows(sql).rows.first?.first else {
      return -1
    }
    return number
  }

  package func delivered() throws -> Int {
    try number("select count(*) from ask where outcome = 'delivered'")
  }

  package struct Trouble: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
  }
}
