import Foundation
import Planning
import Testing

@testable import Larkspur

/// A folder for each test, removed with it.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "larkspur-\(UUID())").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  var queue: String { file("queue.db") }
}

extension PackingTerms {
  /// For tests in which the values do not matter.
  static let any = PackingTerms(joins: true, secondsSince1970: 1_700_000_000, dice: [1, 2])
}

extension Connection {
  /// Runs arbitrary SQL and returns SQLite's error message; nil if there is none.
  borrowing func refusal(of sql: String) -> String? {
    do {
      try run(script: sql)
      return nil
    } catch {
      return error.message
    }
  }

  /// Changes the queue with the schema's triggers switched off.
  borrowing func runWithoutTriggers(_ script: String) throws {
    let triggers = try all("select name, sql from sqlite_schema where type = 'trigger'") {
      (row) throws(StoreError) in (name: row.text(0), sql: row.text(1))
    }
    try transaction { () throws(StoreError) in
      for trigger in triggers { try run(script: "drop trigger \(trigger.name)") }
      try run(script: script)
      for trigger in triggers { try run(script: trigger.sql) }
    }
  }
}

extension WorkerStore {
  /// Settles a call in one transaction.
  @discardableResult
  func settle(
    _ flight: ClaimedCall, _ settlement: Settlement, _ record: CallRecord, reason: String,
    at now: Moment
  ) throws(StoreError) -> Settled {
    try finish(call: flight.id, record, at: now)
    return try settle(flight, SettlingAhead(settlement), reason: reason, at: now)
  }
}
