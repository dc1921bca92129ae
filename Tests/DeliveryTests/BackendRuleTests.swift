import Delivery
import Larkspur
import Testing

/// The rule for backends: commit the change, then ask; in the callback, record the sighting, then read
/// the data, then answer. In whatever order the two of them run, and whenever the worker does, nobody
/// is left with what was true before.
struct BackendRuleTests {
  /// What the backend does, a step at a time.
  private enum Step { case change, ask, see, read, answer, work }

  /// One preview, its client, and the backend that serves it.
  private final class Scene {
    let bench: Bench
    private var ticket = "old"
    private var isRead = ""
    private(set) var drawn = ""
    private var isAnswering = false
    private var refreshes = 0

    init() throws { bench = try Bench() }

    func take(_ step: Step) throws {
      switch step {
      case .change: ticket = "new"
      case .ask:
        bench.sql(
          """
          insert into ask (kind, lane, body, asked_ms) values ('key', 'ticket-1', '{"everyone":true}',
            \(bench.world.now + bench.world.wallOffset))
          """)
      case .see:
        isAnswering = true
        bench.sql("insert into sighting (token, key, open_id) values ('w1', 'ticket-1', 'ou_1')")
      case .read:
        isAnswering = true
        isRead = ticket
      case .answer:
        drawn = isRead
        isAnswering = false
        try pull()
      case .work:
        try bench.run()
        try pull()
      }
    }

    /// The client pulls again once for each refresh, but not before its pull is answered.
    func pull() throws {
      guard !isAnswering, refreshes < bench.feishu.arrivals.count else { return }
      refreshes += 1
      for step in [Step.see, .read, .answer] { try take(step) }
    }
  }

  /// Every order of the steps of both that keeps each one's own.
  private static func orders(_ one: [Step], _ other: [Step]) -> [[Step]] {
    guard let first = one.first else { return [other] }
    guard let second = other.first else { return [one] }
    return orders(Array(one.dropFirst()), other).map { [first] + $0 }
      + orders(one, Array(other.dropFirst())).map { [second] + $0 }
  }

  /// What the client shows in the end, for each order.
  private func ends(_ backend: [Step], callback: [Step]) throws -> [String] {
    var ends: [String] = []
    for order in Self.orders(backend, callback) {
      for place in 0...order.count {
        let scene = try Scene()
        var steps = order
        steps.insert(.work, at: place)
        for step in steps { try scene.take(step) }
        try scene.take(.work)
        try scene.take(.work)
        ends.append(scene.drawn)
        #expect(scene.bench.feishu.arrivals.count <= 1, "a refresh led to another")
        #expect(try scene.bench.number("select count(*) from ask") == 1)
      }
    }
    return ends
  }

  @Test func `in every order the client shows the change in the end`() throws {
    let ends = try ends([.change, .ask], callback: [.see, .read, .answer])
    #expect(ends.count == 60 && ends.allSatisfy { $0 == "new" }, "\(ends)")
  }

  @Test(arguments: [true, false])
  func `with steps the other way round some order leaves it with what was before`(
    isAskFirst: Bool
  ) throws {
    let ends =
      try isAskFirst
      ? ends([.ask, .change], callback: [.see, .read, .answer])
      : ends([.change, .ask], callback: [.read, .see, .answer])
    #expect(ends.contains("old"), "\(ends)")
  }

  @Test func `a refresh, the pull that it causes and its sighting end there`() throws {
    let scene = try Scene()
    for step in [Step.see, .read, .answer, .change, .ask] { try scene.take(step) }
    for _ in 0..<10 { try scene.take(.work) }
    #expect(scene.bench.feishu.arrivals.count == 1)
    #expect(scene.drawn == "new")
  }
}
