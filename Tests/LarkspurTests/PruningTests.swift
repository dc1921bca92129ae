import Chance
import Planning
import Testing

@testable import Larkspur

struct PruningTests {
  /// Six lanes: two were delivered, one has died, and three still wait.
  private func history(_ folder: TemporaryFolder, at now: Moment) throws -> WorkerStore {
    let store = try WorkerStore(queue: folder.queue)
    _ = try Intake(queue: folder.queue).add(
      (0..<6).map { .preview("t\($0)", for: .people(["ou_\($0)"])) })
    try store.transaction { () throws(StoreError) in
      try store.setClock(.init(wall_ms: now.ms, sinceBoot_ms: 0, boot: "b"), charged: [])
      _ = try store.fold(at: now, limit: 100)
      let channel = Channel(account: try store.account("default"), kind: .preview)
      var settled = Settled()
      for fate in [Fate.delivered, .delivered, .dead()] {
        let flight = try store.claim(
          channel, [.urgent, .ordinary], packing: .exact, .any, at: now, horizon: .max,
          timeout: 10_000, &settled)
        guard let flight else { preconditionFailure("a lane that waits was not claimed") }
        let record = CallRecord(outcome: fate == .dead() ? "refused" : "delivered")
        _ = try store.settle(
          flight, Settlement(slot: now + 5_000, fates: [fate]), record, reason: "no",
          at: now)
      }
    }
    return store
  }

  private func prune(_ store: WorkerStore, endedBefore horizon: Moment) throws {
    var cursor = PruneCursor()
    var isDone = false
    while !isDone {
      isDone = try store.transaction { () throws(StoreError) in
        try store.prune(endedBefore: horizon, rows: 2, &cursor)
      }
    }
    var search = UnusedAudiences()
    store.isLookingForUnused = true
    while try !step(store, unusedSince: horizon, &search) {}
    store.isLookingForUnused = false
  }

  private func step(
    _ store: WorkerStore, unusedSince horizon: Moment, _ search: inout UnusedAudiences
  ) throws -> Bool {
    try store.transaction { () throws(StoreError) in
      try store.forgetUnusedAudiences(since: horizon, rows: 2, &search)
    }
  }

  private func counts(_ folder: TemporaryFolder) throws -> [Int] {
    try ["ask", "call", "lane", "audience"].map { table in
      let rows = try Inspector(queue: folder.queue).rows("select count(*) from \(table)").rows
      if case .int(let count)? = rows.first?.first { return count }
      return -1
    }
  }

  @Test func `what ended is forgotten after its time; what is open or dead is kept`() throws {
    let folder = try TemporaryFolder()
    let now: Moment = 1_700_000_000_000
    let store = try history(folder, at: now)
    try prune(store, endedBefore: now)
    #expect(try counts(folder) == [6, 3, 6, 6])
    try prune(store, endedBefore: now + 10_000)
    #expect(try counts(folder) == [4, 0, 4, 4])
  }

  @Test func `the command forgets the same, and leaves lanes to the worker`() throws {
    let folder = try TemporaryFolder()
    _ = try history(folder, at: 1_700_000_000_000)
    let pruned = try Inspector(queue: folder.queue).prune(olderThan_ms: -10_000) { _ in true }
    #expect(pruned == (2, 3))
    #expect(try counts(folder) == [4, 0, 6, 6])
  }

  /// The audience is asked for again after this many steps of the search for unused ones.
  @Test(arguments: 0..<20)
  func `a set of people that is wanted again is kept`(steps: Int) throws {
    let folder = try TemporaryFolder()
    let now: Moment = 1_700_000_000_000
    let store = try history(folder, at: now)
    let later = now + 10 * 86_400_000
    var cursor = PruneCursor()
    while try !store.transaction({ () throws(StoreError) in
      try store.prune(endedBefore: later, rows: 100, &cursor)
    }) {}
    var search = UnusedAudiences()
    store.isLookingForUnused = true
    var isDone = false
    for _ in 0..<steps where !isDone { isDone = try step(store, unusedSince: later, &search) }
    _ = try Intake(queue: folder.queue).add([.preview("t0", for: .people(["ou_0"]))])
    _ = try store.transaction { () throws(StoreError) in try store.fold(at: later, limit: 9) }
    while !isDone { isDone = try step(store, unusedSince: later, &search) }
    let orphans = try Inspector(queue: folder.queue).rows("pragma foreign_key_check").rows
    #expect(orphans.isEmpty)
  }
}
