import Chance
import Planning
import Testing

@testable import Larkspur

struct RecoveryTests {
  @Test func `a lane whose run died wants what it carried and what was asked meanwhile`() throws {
    let folder = try TemporaryFolder()
    let store = try WorkerStore(queue: folder.queue)
    let intake = try Intake(queue: folder.queue)
    let now: Moment = 1_700_000_000_000
    _ = try intake.add([.preview("a", for: .people(["ou_1"]))])
    let claimed = try store.transaction { () throws(StoreError) in
      try store.setClock(.init(wall_ms: now.ms, sinceBoot_ms: 0, boot: "b"), charged: [])
      _ = try store.fold(at: now, limit: 10)
      var settled = Settled()
      let channel = Channel(account: try store.account("default"), kind: .preview)
      return try store.claim(
        channel, [.urgent, .ordinary], packing: .exact, .any, at: now, horizon: now,
        timeout: 10_000, &settled)
    }
    #expect(claimed != nil)
    _ = try intake.add([.preview("a", for: .people(["ou_2"]))])
    try store.transaction { () throws(StoreError) in
      _ = try store.fold(at: now, limit: 10)
      #expect(try store.recover(at: now) == 1)
    }
    let rows = try Inspector(queue: folder.queue).rows(
      "select lane.state, members, slot_ms, ready_ms from lane join audience on audience.id = audience_id"
    ).rows
    let slot = now + 10_000 + Preview.window + Limits.roundingMargin
    #expect(rows == [[.text("waiting"), .text(#"["ou_1","ou_2"]"#), .int(slot.ms), .int(slot.ms)]])
    #expect(
      try Inspector(queue: folder.queue).rows("select outcome from call").rows
        == [[.text("unknown")]])
  }

  @Test
  func `a call that a dead run has left on its way counts for as long as it may still arrive`()
    throws
  {
    let folder = try TemporaryFolder()
    let store = try WorkerStore(queue: folder.queue)
    let now: Moment = 1_700_000_000_000
    let counted = try store.transaction { () throws(StoreError) in
      try store.setClock(.init(wall_ms: now.ms, sinceBoot_ms: 0, boot: "b"), charged: [])
      _ = try store.beginCall(try store.account("default"), .preview, at: now)
      _ = try store.recover(at: now + 5)
      return try store.recentCalls(
        try store.account("default"), .preview, within: .seconds(1), longestCall: 12_000,
        at: now + 5)
    }
    #expect(counted == [PastCall(now + 12_000, left: now, wasAnswered: false)])
  }
}
