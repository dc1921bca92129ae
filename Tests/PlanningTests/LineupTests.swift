import Planning
import Testing

/// What becomes of the first asks of a lane that goes in parcels.
struct LineupTests {
  private let now = Moment(ms: Span.days(30))
  private let terms = PackingTerms(joins: true, secondsSince1970: 1_700_000_000, dice: [1, 2])

  private func batch(
    _ id: Int, asked: Moment? = nil, actions: String = "[{}]"
  ) -> LinedUpAsk {
    LinedUpAsk(WaitingAsk(id: id, fields: ["actions": .json(actions)]), asked: asked ?? now)
  }

  private func lineup(_ asks: [LinedUpAsk], _ kind: Kind = .card, memory: Fields = [:]) -> Lineup {
    Lineup(asks, of: kind, memory: memory, apart: 0, terms, at: now)
  }

  @Test func `what waits together goes together`() {
    let lineup = lineup([batch(1), batch(2)])
    #expect(lineup.parcel?.asks == [1, 2])
    #expect(lineup.endings.isEmpty)
  }

  @Test func `an ask of a card dies without a call when it is fourteen days old`() {
    let lineup = lineup([batch(1, asked: now - .days(14)), batch(2, asked: now - .days(14) + 1)])
    #expect(lineup.parcel?.asks == [2])
    #expect(lineup.endings.map(\.asks) == [[1]])
    #expect(lineup.endings[0].isDead)
    #expect(lineup.endings[0].reason == "enqueued more than 14 days ago")
  }

  @Test func `an ask that cannot be packed dies alone`() {
    let lineup = lineup([batch(1, actions: "7"), batch(2)])
    #expect(lineup.parcel?.asks == [2])
    #expect(lineup.endings.map(\.asks) == [[1]])
  }

  @Test func `a session that holds what is wanted needs no call`() {
    let ask = LinedUpAsk(WaitingAsk(id: 1, fields: ["metadata": .text("x")]), asked: now)
    let lineup = lineup([ask], .session, memory: ["metadata": .text("x")])
    #expect(lineup.parcel == nil)
    #expect(lineup.endings.map(\.isDead) == [false])
  }

  @Test func `where nothing can be packed nothing goes`() {
    let lineup = lineup([batch(1, actions: "7")])
    #expect(lineup.parcel == nil)
    #expect(lineup.endings.count == 1)
  }

  @Test func `a parcel that may have been applied goes as it was, however old it is`() {
    var parcel = Parcel(asks: [1], fields: [:])
    #expect(!parcel.isKept(for: .card, asked: now - .days(14), at: now))
    #expect(parcel.isKept(for: .card, asked: now - .days(14) + 1, at: now))
    #expect(parcel.isKept(for: .session, asked: now - .days(14), at: now))
    parcel.isUncertain = true
    #expect(parcel.isKept(for: .card, asked: now - .days(14), at: now))
  }

  @Test
  func
    `after a lost call a card's parcel is repeated and a session's is packed again`()
  {
    let parcel = Parcel(asks: [1], fields: [:])
    #expect(parcel.afterLostCall(of: .card)?.isUncertain == true)
    #expect(parcel.afterLostCall(of: .session) == nil)
  }

  @Test func `a suspected lane goes before those that became due after it was asked for`() {
    #expect(Turn.isSuspects(askedSince: now, first: now))
    #expect(!Turn.isSuspects(askedSince: now, first: now - 1))
  }

  @Test func `who was refused before is found in an audience, with the reason of the first`() {
    let known = ["ou_2": "no such user", "ou_3": "another app's"]
    #expect(Audience.everyone.refused(known) == nil)
    #expect(Audience.people(["ou_1"]).refused(known) == nil)
    let refused = Audience.people(["ou_1", "ou_2", "ou_3"]).refused(known)
    #expect(refused?.people == .people(["ou_2", "ou_3"]))
    #expect(refused?.reason == "no such user")
  }
}
