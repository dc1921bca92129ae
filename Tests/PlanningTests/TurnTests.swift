import Planning
import Testing

/// Whose turn it is.
struct TurnTests {
  private let usual = [Budget.Limit(5, per: .seconds(1))]

  @Test func `urgent lanes open four calls of five`() {
    for calls in 0..<4 {
      #expect(Turn.order(urgentInARow: calls, under: usual) == [.urgent, .ordinary])
    }
    #expect(Turn.order(urgentInARow: 4, under: usual) == [.ordinary, .urgent])
    #expect(Turn.order(urgentInARow: 9, under: usual) == [.ordinary, .urgent])
  }

  @Test func `urgent lanes open every other call where fewer than five go in a second`() {
    for limits in [
      [Budget.Limit(4, per: .seconds(1))],
      [Budget.Limit(5, per: .seconds(1)), Budget.Limit(100, per: .minutes(1))],
      [Budget.Limit(1, per: .minutes(1))],
    ] {
      #expect(Turn.order(urgentInARow: 0, under: limits).first == .urgent)
      #expect(Turn.order(urgentInARow: 1, under: limits).first == .ordinary)
    }
  }

  @Test func `the previews of a key take half of the budget, ten at a time`() {
    let now = Moment(ms: 1_000_000)
    var calls = CallsOfMany()
    let turns = (0..<31).map { _ in
      Turn.spread(call: calls.call(for: .everyone), from: now, under: usual) - now
    }
    #expect(turns[0...9].allSatisfy { $0 == 0 })
    #expect(turns[10...19].allSatisfy { $0 == 400 })
    #expect(turns[30] == 1_200)
  }

  @Test func `previews with viewers of their own take a call each`() {
    var calls = CallsOfMany()
    #expect((0..<3).map { calls.call(for: .people(["ou_\($0)"])) } == [0, 1, 2])
    #expect(calls.call(for: .people(["ou_1"])) == 1)
    let many = Audience.people((1_000..<1_250).map { "ou_\($0)" })
    #expect(calls.call(for: many) == 3)
    #expect(calls.call(for: .everyone) == 6)
  }

  @Test func `a slower budget moves the turns of a key further apart, up to an hour`() {
    let now = Moment(ms: 1_000_000)
    let slow = [Budget.Limit(5, per: .seconds(1)), Budget.Limit(6, per: .minutes(1))]
    #expect(Turn.spread(call: 1, from: now, under: slow) == now + .seconds(20))
    #expect(Turn.spread(call: 100_000, from: now, under: slow) == now + .hours(1))
  }

  @Test func `an urgent ask makes the lane that it joins urgent`() {
    for state in [FoundLane.State.waiting, .inFlight] {
      let found = FoundLane(state: state, slot: .zero)
      let joined = Joining(
        found, asked: .zero, expires: nil, urgency: .urgent, isShared: true, at: .zero)
      #expect(joined == .joins(.init(urgency: .urgent)))
      let urgent = FoundLane(state: state, slot: .zero, .init(urgency: .urgent))
      #expect(
        Joining(urgent, asked: .zero, expires: nil, isShared: true, at: .zero)
          == .joins(.init(urgency: .urgent)))
    }
  }

  @Test func `a lane keeps the earliest turn of its asks`() {
    func spread(_ lane: Int, _ ask: Int) -> Moment? {
      let found = FoundLane(state: .waiting, slot: .zero, .init(spread: Moment(ms: lane)))
      let joining = Joining(
        found, asked: .zero, expires: nil, spread: Moment(ms: ask), isShared: true, at: .zero)
      guard case .joins(let standing) = joining else { return nil }
      return standing.spread
    }
    #expect(spread(500, 900) == Moment(ms: 500))
    #expect(spread(900, 500) == Moment(ms: 500))
    // An ask for the preview itself waits for nobody.
    #expect(spread(500, 0) == Moment(ms: 0))
    #expect(spread(0, 500) == Moment(ms: 0))
  }
}
