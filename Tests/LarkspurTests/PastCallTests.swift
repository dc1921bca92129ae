import Planning
import Testing

@testable import Larkspur

/// The calls of earlier runs that still count against a limit of some calls a second.
struct PastCallTests {
  private let queue: QueueAtWork

  init() throws { queue = try QueueAtWork() }

  /// What counts of a call that began and ended so long ago.
  private func counted(
    beganBefore began: Span, endedBefore ended: Span, _ record: CallRecord
  ) throws -> [PastCall] {
    let (store, account, now) = (queue.store, queue.previews.account, queue.now)
    return try store.transaction { () throws(StoreError) in
      let call = try store.beginCall(account, .preview, at: now - began)
      try store.finish(call: call, record, at: now - ended)
      return try store.recentCalls(
        account, .preview, within: .seconds(1), longestCall: 12_000, at: now)
    }
  }

  private let answered = CallRecord(outcome: "delivered", status: 200)

  @Test func `a call that began before the second counts from its answer`() throws {
    #expect(
      try counted(beganBefore: 9_000, endedBefore: 500, answered) == [
        PastCall(queue.now - 500, left: queue.now - 9_000)
      ])
  }

  @Test func `a call without an answer counts from when it can no longer arrive`() throws {
    let lost = CallRecord(outcome: "try again")
    #expect(
      try counted(beganBefore: 9_000, endedBefore: 500, lost)
        == [PastCall(queue.now + 3_000, left: queue.now - 9_000, wasAnswered: false)])
  }

  @Test func `a call that never left does not count`() throws {
    let unreachable = CallRecord(outcome: "unreachable")
    #expect(try counted(beganBefore: 500, endedBefore: 500, unreachable) == [])
  }

  @Test func `calls of minutes ago are not read`() throws {
    #expect(try counted(beganBefore: 120_000, endedBefore: 119_000, answered) == [])
  }
}
