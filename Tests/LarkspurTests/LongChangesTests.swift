import Chance
import Planning
import Testing

@testable import Larkspur

/// A person's change to thousands of asks is made in several transactions, with the same result.
struct LongChangesTests {
  private let now: Moment = 1_700_000_000_000

  /// Some asks of one token have died, some wait in its lane, and some have not been folded.
  private func queue(_ folder: TemporaryFolder, dead: Int, waiting: Int, new: Int) throws {
    let store = try WorkerStore(queue: folder.queue)
    let intake = try Intake(queue: folder.queue)
    func ask(_ count: Int) throws {
      _ = try intake.add((0..<count).map { .preview("hot", for: .people(["ou_\($0 % 3)"])) })
    }
    func fold() throws {
      try store.transaction { () throws(StoreError) in
        try store.setClock(.init(wall_ms: now.ms, sinceBoot_ms: 0, boot: "b"), charged: [])
        _ = try store.fold(at: now, limit: 100_000)
      }
    }
    try ask(dead)
    try fold()
    try store.transaction { () throws(StoreError) in
      var settled = Settled()
      let channel = Channel(account: try store.account("default"), kind: .preview)
      let flight = try store.claim(
        channel, [.urgent, .ordinary], packing: .exact, .any, at: now, horizon: .max,
        timeout: 10_000, &settled)
      guard let flight else { preconditionFailure("a lane that waits was not claimed") }
      _ = try store.settle(
        flight, Settlement(slot: now, fates: [.dead()]), CallRecord(outcome: "refused"),
        reason: "no", at: now)
    }
    try ask(waiting)
    try fold()
    try ask(new)
  }

  private func outcomes(_ folder: TemporaryFolder) throws -> [[Cell]] {
    try Inspector(queue: folder.queue).rows(
      "select outcome, count(*) from ask group by outcome order by outcome"
    ).rows
  }

  @Test func `cancelled, a token with thousands of asks wants nothing any more`() throws {
    let folder = try TemporaryFolder()
    try queue(folder, dead: 1_200, waiting: 1_300, new: 1_400)
    let cancelled = try Inspector(queue: folder.queue).cancel(lane: "hot", account: nil)
    #expect(cancelled == .init(asks: 3_900, callsUnderWay: 0))
    #expect(try outcomes(folder) == [[.text("cancelled"), .int(3_900)]])
    let lanes = try Inspector(queue: folder.queue).rows("select state, audience_id from lane").rows
    #expect(lanes == [[.text("idle"), .null]])
  }

  @Test func `stopped while it cancels, the rest is still wanted, and only by whom it was`() throws
  {
    let folder = try TemporaryFolder()
    try queue(folder, dead: 1, waiting: 3_000, new: 0)
    let cancelled = try Inspector(queue: folder.queue).cancel(lane: "hot", account: nil) {
      $0 < 600
    }
    #expect(cancelled.asks > 600 && cancelled.asks < 3_000)
    #expect(
      try outcomes(folder) == [
        [.null, .int(3_000 - cancelled.asks)], [.text("cancelled"), .int(cancelled.asks)],
        [.text("dead"), .int(1)],
      ])
    let looked = try Inspector(queue: folder.queue).rows("select state, expires_ms from lane").rows
    #expect(looked == [[.text("waiting"), .int(0)]], "the worker does not look at what is left")
  }

  @Test func `thousands of dead asks are wanted again`() throws {
    let folder = try TemporaryFolder()
    try queue(folder, dead: 4_000, waiting: 10, new: 0)
    #expect(try Inspector(queue: folder.queue).retry(.all(account: nil)) == 4_000)
    #expect(try outcomes(folder) == [[.null, .int(4_010)]])
  }

  @Test func `only the dead asks of one token, or of one account, are wanted again`() throws {
    let folder = try TemporaryFolder()
    try queue(folder, dead: 3, waiting: 0, new: 0)
    let inspector = try Inspector(queue: folder.queue)
    #expect(try inspector.retry(.lane("cold", account: nil)) == 0)
    #expect(try inspector.retry(.all(account: "other")) == 0)
    #expect(try inspector.retry(.lane("hot", account: "default")) == 3)
  }

  /// A lane whose asks each want a different user, and a call that has reached these users.
  private func answered(
    _ store: WorkerStore, asks: Int, reached: [String]
  ) throws -> (flight: ClaimedCall, SettlingAhead) {
    try store.transaction { () throws(StoreError) in
      try store.setClock(.init(wall_ms: now.ms, sinceBoot_ms: 0, boot: "b"), charged: [])
      _ = try store.fold(at: now, limit: asks)
      var settled = Settled()
      let channel = Channel(account: try store.account("default"), kind: .preview)
      let flight = try store.claim(
        channel, [.urgent, .ordinary], packing: .exact, .any, at: now, horizon: .max,
        timeout: 10_000, &settled)
      guard let flight else { preconditionFailure("a lane that waits was not claimed") }
      let answered = ClaimedCall(
        id: flight.id, channel: channel, started: now, timeout: 10_000, lanes: flight.lanes,
        load: .audience(Audience(of: reached)))
      let settlement = Settlement(slot: now, fates: [.delivered])
      return (answered, SettlingAhead(settlement))
    }
  }

  @Test func `a call that reaches some of the people of thousands of asks is settled in parts`()
    throws
  {
    let folder = try TemporaryFolder()
    let store = try WorkerStore(queue: folder.queue)
    let people = (0..<4_000).map { "ou_\($0)" }
    _ = try Intake(queue: folder.queue).add(people.map { .preview("hot", for: .people([$0])) })
    let reached = people.filter { $0.hasSuffix("7") }
    var (flight, ahead) = try answered(store, asks: 4_000, reached: reached)
    var parts = 0
    var ended = 0
    var isDone = false
    while !isDone {
      try store.transaction { () throws(StoreError) in
        var work = WorkerStore.workAtOnce
        isDone = try store.endAsks(of: flight, &ahead, reason: "", &work, at: now)
      }
      let all = try outcomes(folder).last.map {
        $0 == [.text("delivered"), $0[1]] ? $0[1] : .int(0)
      }
      guard case .int(let count)? = all else { preconditionFailure("no count") }
      #expect(count - ended <= 500, "much is ended at a time")
      ended = count
      parts += 1
      // One of the asks is cancelled while the answer is being recorded.
      if parts == 1 {
        try Connection(path: folder.queue, mode: .readWrite).run(
          script:
            "update ask set outcome = 'cancelled', ended_ms = 1 where body like '%\"ou_3999\"%'")
      }
    }
    #expect(parts > 1)
    #expect(ended == reached.count)
    try store.transaction { () throws(StoreError) in
      _ = try store.settle(flight, ahead, reason: "", at: now)
      _ = try store.expire(at: now, limit: 10)
    }
    let left = try Inspector(queue: folder.queue).rows(
      "select size, members like '%\"ou_3999\"%' from lane join audience on audience.id = audience_id"
    )
    #expect(left.rows == [[.int(4_000 - reached.count - 1), .int(0)]])
  }

  @Test func `of a call that was half written down, only what has not ended goes again`() throws {
    let folder = try TemporaryFolder()
    let store = try WorkerStore(queue: folder.queue)
    let people = (0..<4_000).map { "ou_\($0)" }
    _ = try Intake(queue: folder.queue).add(people.map { .preview("hot", for: .people([$0])) })
    var (flight, ahead) = try answered(store, asks: 4_000, reached: people)
    try store.transaction { () throws(StoreError) in
      try store.finish(call: flight.id, CallRecord(outcome: "delivered"), at: now)
      var work = WorkerStore.workAtOnce
      #expect(try !store.endAsks(of: flight, &ahead, reason: "", &work, at: now))
    }
    // Here the worker is killed, and another one starts.
    let next = try WorkerStore(queue: folder.queue)
    try next.transaction { () throws(StoreError) in
      _ = try next.recover(at: now)
      // The remaining asks are settled before the lane goes again.
      _ = try next.expire(at: now + 60_000, limit: 100)
    }
    let inspector = try Inspector(queue: folder.queue)
    let open = try inspector.rows("select count(*) from ask where outcome is null").rows
    #expect(open != [[.int(0)]] && open != [[.int(4_000)]])
    let wanted = try inspector.rows(
      "select size from lane join audience on audience.id = audience_id where state = 'waiting'")
    #expect(wanted.rows == open)
    let ended = try inspector.rows(
      "select distinct call.outcome from ask join call on call.id = call_id")
    #expect(ended.rows == [[.text("delivered")]])
  }
}
