import Chance
import Planning
import Testing

@testable import Larkspur

/// The order in which new asks are folded.
struct FoldingOrderTests {
  private let folder: TemporaryFolder
  private let now: Moment = 1_700_000_000_000

  init() throws { folder = try TemporaryFolder() }

  @Test func `a card behind a flood of previews is folded at once, and once`() throws {
    let intake = try Intake(queue: folder.queue)
    _ = try intake.add((0..<50).map { .preview("t\($0)", for: .everyone) })
    let actions = #"[{"action":"delete_elements","params":{"element_ids":["a"]}}]"#
    let card = try intake.add([.card("c", actions: actions)])[0]
    let store = try WorkerStore(queue: folder.queue)
    let first = try store.transaction { () throws(StoreError) in
      try store.setClock(.init(wall_ms: now.ms, sinceBoot_ms: 0, boot: "b"), charged: [])
      return try store.fold(at: now, limit: 10)
    }
    #expect(first.more && first.channels.contains { $0.kind == .card })
    var passes = 0
    var more = true
    while more && passes < 20 {
      more = try store.transaction { () throws(StoreError) in
        try store.fold(at: now, limit: 10).more
      }
      passes += 1
    }
    let rows = try Inspector(queue: folder.queue).rows(
      "select count(*), (select count(*) from lane where kind = 'card') from ask where lane_id is not null"
    ).rows
    #expect(rows == [[.int(51), .int(1)]] && card == 51)
  }
}
