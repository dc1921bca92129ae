import Chance
import Planning
import Testing

struct BudgetTests {
  @Test func `five calls fit into a second, the sixth waits for the first to leave it`() {
    var budget = Budget([Budget.Limit(5, per: .seconds(1))])
    for moment in [0, 100, 200, 300, 400] {
      #expect(budget.ask(at: moment) == .open)
      budget.begin()
      budget.count(at: moment)
    }
    #expect(budget.ask(at: 400) == .notUntil(1_000))
    #expect(budget.ask(at: 999) == .notUntil(1_000))
    #expect(budget.ask(at: 1_000) == .open)
  }

  @Test func `calls that have left but are not known to have arrived fill the window`() {
    var budget = Budget([Budget.Limit(2, per: .seconds(1))])
    budget.begin()
    budget.begin()
    #expect(budget.ask(at: 0) == .notUntil(1_000))
    budget.count(at: 30)
    budget.count(at: 40)
    #expect(budget.ask(at: 40) == .notUntil(1_030))
  }

  @Test func `a call that never left takes no place`() {
    var budget = Budget([Budget.Limit(1, per: .seconds(1))])
    budget.begin()
    budget.giveBack()
    #expect(budget.ask(at: 0) == .open)
  }

  @Test func `the scarcer of two limits decides`() {
    var budget = Budget([Budget.Limit(2, per: .seconds(1)), Budget.Limit(3, per: .minutes(1))])
    for moment in [0, 10, 2_000] { budget.remember(moment) }
    #expect(budget.ask(at: 2_000) == .notUntil(60_000))
    #expect(budget.ask(at: 60_000) == .open)
  }

  @Test func `moments may become known in any order`() {
    var budget = Budget([Budget.Limit(2, per: .seconds(1))])
    for moment in [500, 100, 300] { budget.remember(moment) }
    #expect(budget.ask(at: 600) == .notUntil(1_300))
  }

  @Test(arguments: 0..<100)
  func `no window ever holds more than its limit`(seed: UInt64) throws {
    var dice = Dice(seed)
    let limits = [Budget.Limit(5, per: .seconds(1)), Budget.Limit(40, per: .minutes(1))]
    var budget = Budget(limits)
    var calls: [Moment] = []
    var now = 0
    while calls.count < 200 {
      switch budget.ask(at: now) {
      case .notUntil(let moment):
        try #require(moment > now, "seed \(seed): a refusal must name a later moment")
        now = moment
      case .open:
        budget.begin()
        budget.count(at: now)
        calls.append(now)
        now += Int(dice.next() % 400)
      }
    }
    for limit in limits {
      for (first, last) in zip(calls, calls.dropFirst(limit.calls)) {
        try #require(last - first >= limit.span, "seed \(seed)")
      }
    }
  }
}

struct SpreadBudgetTests {
  private let limits = [
    Budget.Limit(50, per: .seconds(1)), Budget.Limit(1_000, per: .minutes(1), burst: 50),
  ]

  /// Sends whenever it may, for so long, and answers when it did.
  private func drain(_ budget: inout Budget, from start: Moment, for span: Span) -> [Moment] {
    var moments: [Moment] = []
    var now = start
    while now < start + span {
      switch budget.ask(at: now) {
      case .open:
        budget.begin()
        budget.count(at: now)
        moments.append(now)
      case .notUntil(let moment): now = moment
      }
    }
    return moments
  }

  @Test func `after the burst the minute is spent evenly, and never more than it has`() {
    var budget = Budget(limits)
    let moments = drain(&budget, from: 0, for: .minutes(3))
    for (index, moment) in moments.enumerated() {
      #expect(moments[index...].prefix { $0 < moment + .minutes(1) }.count <= 1_000)
      #expect(moments[index...].prefix { $0 < moment + .seconds(1) }.count <= 50)
    }
    #expect(moments.filter { $0 < .minutes(1) }.count >= 980)
    let gaps = zip(moments, moments.dropFirst()).map { $1 - $0 }
    #expect(gaps.dropFirst(50).max() ?? .max <= 64)
  }

  @Test func `a burst is there again once the minute has been left alone`() {
    var budget = Budget(limits)
    _ = drain(&budget, from: 0, for: 10)
    #expect(drain(&budget, from: .minutes(1), for: 1).count == 50)
  }

  @Test func `calls under way count against the burst`() {
    var budget = Budget(limits)
    for _ in 0..<50 {
      #expect(budget.ask(at: 0) == .open)
      budget.begin()
    }
    #expect(budget.ask(at: 0) != .open)
  }

  @Test func `calls of an earlier run have spent the burst`() {
    var budget = Budget(limits)
    for _ in 0..<50 { budget.remember(0) }
    #expect(budget.ask(at: 1_000) == .open)
    #expect(drain(&budget, from: 1_000, for: 1_000).count < 40)
  }
}
