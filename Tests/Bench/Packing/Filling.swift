import Chance
import Larkspur
import Planning

/// A queue in which every lane of a crowd is due.
///
/// One lane of each audience is asked for and folded, as users do it. The others are inserted as
/// folding would leave them, because reading a hundred thousand lists of four hundred users would
/// take longer than the whole measurement.
struct Filling {
  let path: String
  /// On the queue's clock. All lanes have become due before.
  let start: Moment

  init(_ crowd: Crowd, at path: String) throws {
    self.path = path
    start = Moment(ms: 10_000_000 + crowd.lanes.count)
    let firsts = Dictionary(
      crowd.lanes.enumerated().map { ($0.element, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    try ask(for: firsts, crowd)
    try fold()
    try fillUp(crowd, firsts)
  }

  /// As long as Feishu's, and not sorted.
  private static func name(_ person: Int) -> String {
    var dice = Dice(UInt64(person))
    let digits = (0..<2).map { _ in
      let half = String(dice.next(), radix: 16)
      return String(repeating: "0", count: 16 - half.count) + half
    }
    return "ou_" + digits.joined()
  }

  private func ask(for firsts: [Int: Int], _ crowd: Crowd) throws {
    let intake = try Intake(queue: path)
    let lanes = firsts.values.sorted()
    for from in stride(from: 0, to: lanes.count, by: 1_000) {
      let piece = lanes[from..<min(from + 1_000, lanes.count)]
      _ = try intake.add(
        piece.map { lane in
          let people = crowd.audiences[crowd.lanes[lane]].map { $0.map(Self.name) }
          return Ask.preview("lane_\(lane)", for: people.map { .people($0) } ?? .everyone)
        })
    }
  }

  private func fold() throws {
    let store = try WorkerStore(queue: path)
    var more = true
    while more {
      more = try store.transaction { () throws(StoreError) in
        try store.fold(at: start, limit: 1_000).more
      }
    }
  }

  private func fillUp(_ crowd: Crowd, _ firsts: [Int: Int]) throws {
    let queue = try Intake(queue: path)
    try queue.db.transaction { () throws(StoreError) in
      for (lane, audience) in crowd.lanes.enumerated() {
        guard let first = firsts[audience] else { continue }
        if first != lane { try add(lane, like: first, queue.db) }
        try queue.db.execute(
          """
          update lane set ready_ms = ?1, since_ms = ?1
          where account_id = 1 and kind = 'preview' and name = ?2
          """,
          .int(10_000_000 + lane), .text("lane_\(lane)"))
      }
      try queue.db.execute("update worker set folded_ask = (select max(id) from ask)")
    }
  }

  private func add(_ lane: Int, like first: Int, _ db: borrowing Connection) throws(StoreError) {
    let (name, other) = (Value.text("lane_\(lane)"), Value.text("lane_\(first)"))
    try db.execute(
      """
      insert into lane (account_id, kind, name, state, audience_id, many_calls, since_ms, ready_ms)
      select account_id, kind, ?1, state, audience_id, many_calls, since_ms, ready_ms from lane
      where account_id = 1 and kind = 'preview' and name = ?2
      """, name, other)
    try db.execute(
      "insert into ask (lane, body) values (?, '{\"everyone\":true}')", name)
    try db.execute(
      """
      update ask set first_call = 1, (lane_id, audience_id) =
        (select id, audience_id from lane where account_id = 1 and kind = 'preview' and name = ?1)
      where id = last_insert_rowid()
      """, name)
  }
}
