import Chance
import Foundation
import Planning
import Testing

extension Budget {
  /// A call that leaves at `moment` and is answered `span` later.
  fileprivate mutating func call(at moment: Moment, answeredAfter span: Span = 0) {
    begin(at: moment)
    answered(at: moment + span, after: span)
  }

  fileprivate func isOpen(at moment: Moment) -> Bool { opens(at: moment) == moment }
}

struct BudgetTests {
  private let second = [Budget.Limit(5, per: .seconds(1))]

  @Test func `five calls fit into a second, the sixth waits for the first to leave it`() {
    var budget = Budget(second)
    for moment: Moment in [0, 100, 200, 300, 400] {
      #expect(budget.isOpen(at: moment))
      budget.call(at: moment)
    }
    #expect(budget.opens(at: 400) == Moment(1_005))
    #expect(budget.opens(at: 1_004) == Moment(1_005))
    #expect(budget.isOpen(at: 1_005))
  }

  @Test func `a call counts from its answer, for until then it may have been on its way`() {
    var budget = Budget([Budget.Limit(1, per: .seconds(1))])
    budget.call(at: 0, answeredAfter: 300)
    #expect(budget.opens(at: 300) == Moment(1_305))
  }

  @Test func `while calls under way fill the window only an answer can tell`() {
    var budget = Budget([Budget.Limit(2, per: .seconds(1))])
    budget.begin(at: 0)
    budget.begin(at: 0)
    #expect(budget.opens(at: 60_000) == nil)
    budget.answered(at: 60_000, after: 60_000)
    #expect(budget.opens(at: 60_000) == Moment(61_005))
  }

  @Test func `a call that never left takes no place`() {
    var budget = Budget([Budget.Limit(1, per: .seconds(1))])
    budget.begin(at: 0)
    budget.giveBack()
    #expect(budget.isOpen(at: 0))
  }

  @Test func `a call that nobody answered counts from when it cannot arrive any more`() {
    var budget = Budget([Budget.Limit(1, per: .seconds(1))])
    budget.begin(at: 0)
    budget.lost(at: 12_000)
    #expect(budget.opens(at: 10) == Moment(13_005))
  }

  @Test func `the scarcer of two limits decides`() {
    var budget = Budget([Budget.Limit(2, per: .seconds(1)), Budget.Limit(3, per: .minutes(1))])
    for moment: Moment in [0, 10, 2_000] { budget.remember(PastCall(moment)) }
    #expect(budget.opens(at: 2_000) == Moment(60_005))
    #expect(budget.isOpen(at: 60_005))
  }

  @Test func `no call overtakes one that was claimed before it`() {
    var budget = Budget([Budget.Limit(20, per: .seconds(1))])
    for _ in 0..<20 { budget.begin(at: 0) }
    for _ in 0..<15 { budget.answered(at: 300, after: 300) }
    // Claimed ahead, while nothing can be subtracted for the round trip.
    for _ in 0..<15 { budget.begin(at: 1_305) }
    budget.answered(at: 300, after: 300)
    // Now something can.
    #expect(budget.opens(at: 1_290) == Moment(1_305))
    #expect(budget.opens(at: 1_310) == Moment(1_310))
  }

  @Test func `moments may become known in any order`() {
    var budget = Budget([Budget.Limit(2, per: .seconds(1))])
    for moment: Moment in [500, 100, 300] { budget.remember(PastCall(moment)) }
    #expect(budget.opens(at: 600) == Moment(1_305))
  }
}

/// Half of the shortest recent round trip is subtracted from the second.
struct SubtractedRoundTrips {
  private func budget(_ spans: [Span]) -> Budget {
    var budget = Budget([Budget.Limit(1, per: .seconds(1))])
    for (index, span) in spans.enumerated() {
      budget.call(at: Moment(index * 10_000), answeredAfter: span)
    }
    return budget
  }

  /// How long after its last answer the budget opens.
  private func wait(_ budget: Budget, after spans: [Span]) -> Span? {
    let answer = Moment((spans.count - 1) * 10_000 + (spans.last ?? 0))
    return budget.opens(at: answer).map { $0 - answer }
  }

  @Test func `not before sixteen are known`() {
    let spans = [Span](repeating: 50, count: 16)
    #expect(wait(budget(Array(spans.dropLast())), after: spans.dropLast()) == 1_005)
    #expect(wait(budget(spans), after: spans) == 980)
  }

  @Test func `the fastest decides, for as long as it is among the last sixty-four`() {
    let spans = [Span](repeating: 60, count: 12) + [Span](repeating: 100, count: 52)
    #expect(wait(budget(spans), after: spans) == 975)
    let more = spans + [Span](repeating: 100, count: 12)
    #expect(wait(budget(more), after: more) == 955)
  }

  @Test func `where the fast ones differ, less`() {
    let spans = (0..<12).map { 50 + 2 * $0 } + [Span](repeating: 100, count: 20)
    #expect(wait(budget(spans), after: spans) == 1_005 - 14)
    let wild = (1...12).map { 10 * $0 } + [Span](repeating: 120, count: 20)
    #expect(wait(budget(wild), after: wild) == 1_005)
  }

  @Test func `for an hour after a refusal nothing is`() {
    let spans = [Span](repeating: 50, count: 20)
    var budget = budget(spans)
    budget.refused(at: 190_050)
    #expect(wait(budget, after: spans) == 1_005)
    budget.call(at: 190_050 + .hours(1), answeredAfter: 50)
    #expect(budget.opens(at: 190_100 + .hours(1)) == Moment(190_100 + .hours(1) + 980))
  }

  @Test func `the refusal may have been one of an earlier run`() {
    var budget = Budget([Budget.Limit(1, per: .seconds(1))], refusedAt: 0)
    for index in 1...20 { budget.call(at: Moment(index * 10_000), answeredAfter: 50) }
    #expect(budget.opens(at: 200_050) == Moment(201_055))
  }

  @Test func `a call without an answer has no way back`() {
    let spans = [Span](repeating: 50, count: 20)
    var budget = budget(spans)
    budget.begin(at: 200_000)
    budget.lost(at: 212_000)
    #expect(budget.opens(at: 212_000) == Moment(213_005))
    var next = self.budget(spans)
    next.remember(PastCall(212_000, wasAnswered: false))
    #expect(next.opens(at: 212_000) == Moment(213_005))
  }

  @Test func `nor in any of its windows, up to the longest`() {
    var budget = Budget([Budget.Limit(5, per: .seconds(1)), Budget.Limit(1, per: .minutes(1))])
    for index in 0..<20 { budget.call(at: Moment(index * 10_000), answeredAfter: 50) }
    budget.begin(at: 200_000)
    budget.lost(at: 212_000)
    #expect(budget.opens(at: 212_000) == Moment(272_005))
  }
}

/// Judges budgets as a server does, which sees only arrivals.
struct BudgetsOnRoutes {
  enum Route: CaseIterable {
    case steady, jittery, wild, fewSlow, slowWork, becomesShorter, mostlyJitter
  }

  private struct Way {
    var out: Double
    var back: Double
  }

  private func way(_ route: Route, _ call: Int, _ dice: inout Dice) -> Way {
    func part() -> Double { Double(dice.next() >> 11) / Double(1 << 53) }
    func spread(_ median: Double, _ sigma: Double) -> Double {
      median * exp(sigma * ((0..<12).reduce(0) { sum, _ in sum + part() } - 6))
    }
    switch route {
    case .steady: return Way(out: 25, back: 25)
    case .jittery:
      let whole = spread(50, 0.3)
      return Way(out: whole / 2, back: whole / 2)
    case .wild: return Way(out: spread(25, 0.8), back: spread(25, 0.8))
    case .fewSlow: return Way(out: part() < 0.1 ? 200 : 20, back: 1)
    case .slowWork: return Way(out: 20, back: 70 + 450 * part())
    case .mostlyJitter: return Way(out: 2 + 300 * part(), back: 2 + 300 * part())
    case .becomesShorter:
      let half = call / 500 % 2 == 0 ? 40.0 : 10
      return Way(out: half + 3 * part(), back: half + 3 * part())
    }
  }

  @Test(arguments: Route.allCases, [UInt64](1...5))
  func `never are there six arrivals within a second`(route: Route, seed: UInt64) {
    var dice = Dice(seed)
    var budget = Budget([Budget.Limit(5, per: .seconds(1))])
    var underWay: [(answer: Double, left: Moment)] = []
    var arrivals: [Double] = []
    var now: Moment = 0
    while arrivals.count < 10_000 {
      for call in underWay where call.answer <= Double(now.ms) {
        budget.answered(at: now, after: now - call.left)
      }
      underWay.removeAll { $0.answer <= Double(now.ms) }
      while budget.opens(at: now) == now {
        let way = way(route, arrivals.count, &dice)
        budget.begin(at: now)
        arrivals.append(Double(now.ms) + way.out)
        underWay.append((Double(now.ms) + way.out + way.back, now))
      }
      let answer = underWay.map { Moment(Int($0.answer.rounded(.up))) }.min() ?? .max
      now = min(answer, budget.opens(at: now) ?? .max)
    }
    let inOrder = arrivals.sorted()
    let tooSoon = zip(inOrder, inOrder.dropFirst(5)).count { $1 - $0 < 1_000 }
    #expect(tooSoon == 0, "seed \(seed)")
  }
}

struct SpreadBudgetTests {
  private let limits = [
    Budget.Limit(50, per: .seconds(1)), Budget.Limit(1_000, per: .minutes(1), burst: 50),
  ]

  /// Sends whenever it may, for this long. Each call is answered at once.
  private func drain(_ budget: inout Budget, from start: Moment, for span: Span) -> [Moment] {
    var moments: [Moment] = []
    var now = start
    while now < start + span {
      guard let moment = budget.opens(at: now) else { break }
      if moment == now {
        budget.call(at: now)
        moments.append(now)
      } else {
        now = moment
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
    #expect(moments.filter { $0 < Moment(.minutes(1)) }.count >= 980)
    let gaps = zip(moments, moments.dropFirst()).map { $1 - $0 }
    #expect(gaps.dropFirst(50).max() ?? .max <= 69)
  }

  @Test func `a burst is there again once the minute has been left alone`() {
    var budget = Budget(limits)
    _ = drain(&budget, from: 0, for: 10)
    #expect(drain(&budget, from: Moment(.minutes(1) + 5), for: 1).count == 50)
  }

  @Test func `calls under way count against the burst`() {
    var budget = Budget(limits)
    for _ in 0..<50 {
      #expect(budget.isOpen(at: 0))
      budget.begin(at: 0)
    }
    #expect(!budget.isOpen(at: 0))
  }

  @Test func `a burst goes at once, and the next call when its share of the minute is there`() {
    var budget = Budget([Budget.Limit(1_000, per: .minutes(1), burst: 50)])
    for _ in 0..<50 {
      #expect(budget.isOpen(at: 0))
      budget.begin(at: 0)
    }
    // The minute has 950 more, one every 63.2 ms.
    #expect(budget.opens(at: 0) == Moment(64))
  }

  @Test func `a call that never left is given back to the burst`() {
    var budget = Budget([Budget.Limit(1_000, per: .minutes(1), burst: 50)])
    for _ in 0..<50 { budget.begin(at: 0) }
    budget.giveBack()
    #expect(budget.isOpen(at: 0))
  }

  @Test func `calls of an earlier run have spent the burst`() {
    var budget = Budget(limits)
    for _ in 0..<50 { budget.remember(PastCall(0)) }
    #expect(budget.isOpen(at: 1_005))
    #expect(drain(&budget, from: 1_005, for: 1_000).count < 40)
  }
}
