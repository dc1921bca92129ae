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

  private func turn(_ call: Int, under limits: [Budget.Limit]) -> Span? {
    let now = Moment(ms: 1_000_000)
    let place = Turn.place(call: call, from: now, under: limits)
    return place == .zero ? nil : place - now - Turn.behindOthers
  }

  @Test func `the previews of a key take turns as if it had half of the budget, ten at a time`() {
    var calls = CallsOfMany()
    let turns = (0..<31).map { _ in turn(calls.call(for: .everyone), under: usual) }
    // The first ten wait like any other lane.
    #expect(turns[0...9].allSatisfy { $0 == nil })
    #expect(turns[10...19].allSatisfy { $0 == 400 })
    #expect(turns[30] == 1_200)
  }

  private func first(_ lane: Int, _ turn: Int, isUrgent: Bool = false) -> FirstInLine {
    FirstInLine(lane: lane, LaneTurn(isUrgent ? .urgent : .ordinary, at: Moment(ms: turn)))
  }

  private func ofMany(_ lane: Int, _ turn: Int, isUrgent: Bool = false) -> FirstInLine {
    first(lane, turn + Turn.behindOthers, isUrgent: isUrgent)
  }

  private func opener(_ lanes: [FirstInLine], afterMany: Set<Urgency> = []) -> Int? {
    Turn.opener(of: lanes, [.urgent, .ordinary], afterMany: afterMany)?.lane
  }

  @Test func `the lane whose turn is first opens the call`() {
    #expect(opener([first(1, 50), ofMany(2, 49)]) == 2)
    #expect(opener([first(1, 50), ofMany(2, 50)]) == 1)
    #expect(opener([first(1, 50), ofMany(2, 900)]) == 1)
    #expect(opener([]) == nil)
  }

  @Test func `after a call for a key it is the turn of the others, if any are due`() {
    #expect(opener([first(1, 50), ofMany(2, 49)], afterMany: [.ordinary]) == 1)
    #expect(opener([ofMany(2, 49)], afterMany: [.ordinary]) == 2)
    #expect(opener([first(1, 50), ofMany(2, 49)], afterMany: [.urgent]) == 2)
  }

  @Test func `urgent lanes have lines of their own`() {
    #expect(opener([first(1, 10), first(2, 50, isUrgent: true)]) == 2)
    #expect(opener([first(1, 10), ofMany(2, 50, isUrgent: true)], afterMany: [.urgent]) == 2)
    #expect(
      Turn.opener(of: [first(1, 90), ofMany(2, 5, isUrgent: true)], [.ordinary], afterMany: [])?
        .lane
        == 1)
  }

  @Test func `a channel remembers by urgency whom its last call was for`() {
    var channel = ChannelState(
      channel: Channel(account: 1, kind: .preview), limits: usual, record: ChannelRecord(),
      recent: [])
    let many = Moment(ms: 5 + Turn.behindOthers)
    channel.began(at: .zero, LaneTurn(.ordinary, at: many), turn: 1)
    #expect(channel.afterMany == [.ordinary])
    channel.began(at: .zero, LaneTurn(.urgent, at: .zero), turn: 2)
    #expect(channel.afterMany == [.ordinary])
    channel.began(at: .zero, LaneTurn(.ordinary, at: .zero), turn: 3)
    #expect(channel.afterMany == [])
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
    let slow = [Budget.Limit(5, per: .seconds(1)), Budget.Limit(6, per: .minutes(1))]
    #expect(turn(1, under: slow) == .seconds(20))
    #expect(turn(100_000, under: slow) == .hours(1))
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
