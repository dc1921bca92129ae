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

/// A queue, and the store of its worker at a moment at which time stands still.
struct QueueAtWork {
  let folder: TemporaryFolder
  let store: WorkerStore
  /// Of the account `default`.
  let previews: Channel
  let now = Moment(ms: 1_700_000_000_000)

  init() throws {
    folder = try TemporaryFolder()
    let store = try WorkerStore(queue: folder.queue)
    let wall = WallMoment(ms: now.ms)
    previews = try store.transaction { () throws(StoreError) in
      try store.setClock(ClockReading(wall: wall, sinceBoot: .zero, boot: "b"), charged: [])
      return Channel(account: try store.account("default"), kind: .preview)
    }
    self.store = store
  }

  /// Adds asks, and folds them into their lanes.
  func ask(_ asks: Ask...) throws { try ask(asks) }

  func ask(_ asks: [Ask]) throws {
    _ = try Intake(queue: folder.queue).add(asks)
    try store.transaction { () throws(StoreError) in _ = try store.fold(at: now, limit: 1_000) }
  }

  func claim(_ packing: Packing = .exact) throws -> ClaimedCall? {
    var settled = Settled()
    return try store.transaction { () throws(StoreError) in
      try store.claim(
        previews, [.urgent, .ordinary], packing: packing, .any, at: now, horizon: .max,
        timeout: 10_000, &settled)
    }
  }

  /// Settles a call as the loop does: first its asks, then its lanes.
  func settle(_ call: ClaimedCall, _ fates: [Fate]) throws {
    try store.transaction { () throws(StoreError) in
      var ahead = SettlingAhead(Settlement(slot: now + .seconds(5), fates: fates))
      var work = WorkerStore.workAtOnce
      try store.finish(call: call.id, CallRecord(outcome: "refused"), at: now)
      while try !store.endAsks(of: call, &ahead, reason: "no", &work, at: now) {
        work = WorkerStore.workAtOnce
      }
      _ = try store.settle(call, ahead, reason: "no", at: now)
    }
  }

  func rows(_ sql: String) throws -> [[Cell]] { try Inspector(queue: folder.queue).rows(sql).rows }
}
