import Planning
import Testing

@testable import Larkspur

/// When calls were paused, for people who ask later.
struct SpanTests {
  private let queue: QueueAtWork

  init() throws { queue = try QueueAtWork() }

  /// Pauses previews, and prolongs the pause this long after its end.
  private func prolong(after span: Span) throws {
    var (last, record) = (ChannelRecord(), ChannelRecord())
    var moment = queue.now
    for _ in 0..<2 {
      record.pause(until: moment + 5_000, for: .paused, why: "503")
      try queue.store.transaction { () throws(StoreError) in
        try queue.store.put(
          record, insteadOf: last, queue.previews.account, .preview, at: moment)
      }
      last = record
      moment += 5_000 + span
    }
  }

  private func pauses() throws -> [[Cell]] {
    try queue.rows("select began_ms, ended_ms from span where what = 'pause' order by id")
  }

  @Test(arguments: [-1, 0, 1_000])
  func `a pause that is prolonged just as it ends is one pause`(span: Span) throws {
    try prolong(after: span)
    let ends = queue.now + 10_000 + span
    #expect(try pauses() == [[.int(queue.now.ms), .int(ends.ms)]])
  }

  @Test func `a pause that begins later is another one`() throws {
    try prolong(after: 1_001)
    #expect(try pauses().count == 2)
  }
}
