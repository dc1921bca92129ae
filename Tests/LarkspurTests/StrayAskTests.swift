import Planning
import Testing

@testable import Larkspur

/// Asks whose rows were changed by hand and that are folded again.
struct StrayAskTests {
  private let queue: QueueAtWork

  init() throws { queue = try QueueAtWork() }

  @Test func `a row that cannot be used is not waited for`() throws {
    try queue.ask(.preview("a", for: .everyone))
    try queue.store.db.runWithoutTriggers("update ask set after_ms = 9000000000000")
    try queue.store.transaction { () throws(StoreError) in
      try queue.store.foldAgain(1, at: queue.now)
    }
    #expect(try queue.rows("select due_ms from ask") == [[.int(queue.now.ms)]])
  }
}
