import Planning
import Testing

@testable import Larkspur

/// Lanes whose asks expire.
struct ExpiringTests {
  private let queue: QueueAtWork

  init() throws { queue = try QueueAtWork() }

  private static let kinds = [Kind.preview, .card]

  private func ask(_ kind: Kind, expiresIn span: Duration) throws {
    let actions = #"[{"action":"delete_elements","params":{"element_ids":["e"]}}]"#
    switch kind {
    case .card: try queue.ask(.card("a", actions: actions, expiresIn: span))
    default: try queue.ask(.preview("a", for: .everyone, expiresIn: span))
    }
  }

  private func expire(after span: Span) throws {
    try queue.store.transaction { () throws(StoreError) in
      _ = try queue.store.expire(at: queue.now + span, limit: 10)
    }
  }

  @Test(arguments: kinds)
  func `a lane is looked at when the first of its asks expires`(kind: Kind) throws {
    for seconds in [9, 5, 12] { try ask(kind, expiresIn: .seconds(seconds)) }
    #expect(try queue.store.nextExpiry() == queue.now + 5_000)
  }

  @Test(arguments: kinds)
  func `then it is looked at when the next one does`(kind: Kind) throws {
    for seconds in [9, 5, 12] { try ask(kind, expiresIn: .seconds(seconds)) }
    try expire(after: 5_000)
    #expect(try queue.store.nextExpiry() == queue.now + 9_000)
  }

  @Test(arguments: kinds)
  func `a lane whose last ask has expired counts as used until then`(kind: Kind) throws {
    try ask(kind, expiresIn: .seconds(5))
    try expire(after: 5_000)
    #expect(
      try queue.rows("select state, slot_ms from lane")
        == [[.text("idle"), .int((queue.now + 5_000).ms)]])
  }

  @Test(arguments: kinds)
  func `it keeps a slot that is later`(kind: Kind) throws {
    try ask(kind, expiresIn: .seconds(5))
    let slot = queue.now + 60_000
    try queue.store.db.execute("update lane set slot_ms = ?", .of(slot))
    try expire(after: 5_000)
    #expect(
      try queue.rows("select state, slot_ms from lane") == [[.text("idle"), .int(slot.ms)]])
  }

  /// A batch was sent, and waits to be sent again unchanged.
  private func repeatBatch(isUncertain: Bool) throws {
    try ask(.card, expiresIn: .seconds(5))
    let cards = Channel(account: queue.previews.account, kind: .card)
    var settled = Settled()
    let claimed = try queue.store.transaction { () throws(StoreError) in
      try queue.store.claim(
        cards, [.urgent, .ordinary], packing: .exact, .any, at: queue.now, horizon: .max,
        timeout: 10_000, &settled)
    }
    let call = try #require(claimed)
    guard case .parcel(var parcel, _) = call.load else { preconditionFailure("it has no parcel") }
    parcel.isUncertain = isUncertain
    try queue.settle(call, [.again(ready: queue.now, Trials(), parcel)])
  }

  @Test(arguments: [false, true])
  func `a batch that waits to be repeated expires, unless Feishu may have applied it`(
    isUncertain: Bool
  ) throws {
    try repeatBatch(isUncertain: isUncertain)
    // A lane is looked at for other reasons too.
    try queue.store.db.execute("update lane set expires_ms = 0")
    try expire(after: 5_000)
    #expect(
      try queue.rows("select outcome from ask") == [[isUncertain ? .null : .text("expired")]])
  }

  /// A lane that goes in a minute and holds so many asks that they are not gone through each time
  /// one of them expires.
  private func crowd(expiring seconds: [Int]) throws {
    try queue.ask(Array(repeating: Ask.preview("a", for: .everyone), count: 205))
    for span in seconds { try ask(.preview, expiresIn: .seconds(span)) }
    try queue.store.db.execute("update lane set ready_ms = ?", .of(queue.now + 60_000))
  }

  @Test func `a lane with very many asks is gone through just before it goes`() throws {
    try crowd(expiring: [5])
    try expire(after: 5_000)
    #expect(try queue.store.nextExpiry() == queue.now + 60_000)
  }

  @Test func `its next ask expires no later for that`() throws {
    try crowd(expiring: [5, 7])
    try expire(after: 5_000)
    #expect(try queue.store.nextExpiry() == queue.now + 7_000)
  }
}
