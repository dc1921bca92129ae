import Chance
import Planning
import Testing

struct ExactPackingTests {
  func lane(_ id: Int, _ wants: Audience) -> Candidate { Candidate(lane: id, wants: wants) }

  @Test func `ten lanes that want the same people fill a call, the opener first`() {
    let equal = (1...12).map { lane($0, crowd(3)) }
    let call = Packing.fillExactly(crowd(3), opener: equal[4], equal: equal, wide: [])
    #expect(call.lanes == [5, 1, 2, 3, 4, 6, 7, 8, 9, 10])
    #expect(call.audience == crowd(3))
  }

  @Test func `a lane with a larger audience joins when that saves it a call`() {
    let call = Packing.fillExactly(
      crowd(50), opener: lane(1, crowd(50)), equal: [],
      wide: [lane(2, crowd(150)), lane(3, crowd(190)), lane(4, crowd(150, from: 20))])
    #expect(call.lanes == [1, 2])
  }

  @Test func `an audience above a hundred is cut alike by all that want it`() {
    let wide = (1...3).map { lane($0, crowd(250)) }
    let piece = chunk(of: crowd(250), among: crowd(250), crowd(250))
    #expect(piece == crowd(100))
    let call = Packing.fillExactly(piece, opener: wide[0], equal: [], wide: wide)
    #expect(call.lanes == [1, 2, 3])
  }

  @Test func `it is cut where another lane can use the same piece`() {
    let shared = crowd(61, from: 120)
    let piece = chunk(of: crowd(250), among: shared, crowd(7))
    #expect(piece == shared)
  }

  @Test func `a piece that costs it another call is not worth sharing`() {
    let piece = chunk(of: crowd(200), among: crowd(99))
    #expect(piece == crowd(100))
  }

  @Test func `two large audiences share what they have in common`() {
    let piece = chunk(of: crowd(150), among: crowd(150, from: 50))
    #expect(piece == crowd(100, from: 50))
  }

  @Test func `lanes that fill calls of ten by themselves leave no place to share`() {
    let neighbours = Array(repeating: crowd(60), count: 10)
    #expect(chunk(of: crowd(150), among: neighbours) == crowd(100))
  }

  private func chunk(of large: Audience, among others: Audience...) -> Audience {
    chunk(of: large, among: others)
  }

  private func chunk(of large: Audience, among others: [Audience]) -> Audience {
    var numbers = PeopleNumbers()
    return Packing.chunk(for: numbers.number(large), neighbours: demand(others, &numbers))
  }
}

/// The demand of lanes that became due in this order.
private func demand(_ wanted: [Audience], _ numbers: inout PeopleNumbers) -> [Demand] {
  var lanes: [Audience: Int] = [:]
  for audience in wanted { lanes[audience, default: 0] += 1 }
  return wanted.compactMap { audience in
    lanes.removeValue(forKey: audience).map { Demand(numbers.number(audience), lanes: $0) }
  }
}

struct CoverPackingTests {
  func lane(_ id: Int, _ people: String...) -> Candidate {
    Candidate(lane: id, wants: Audience(of: people))
  }

  /// The call that the first of these opens, when all the others are due.
  private func fill(_ due: [Candidate], extraPairsMax: Int = 900) -> CallDraft {
    let chunk = due[0].wants
    let equal = due.filter { $0.wants == chunk }
    let draft = Packing.fillExactly(chunk, opener: due[0], equal: equal, wide: [])
    if chunk == .everyone { return draft }
    var numbers = PeopleNumbers()
    let numbered = numbers.number(chunk)
    let demand = demand(due.map(\.wants), &numbers)
    var call = Covering(
      draft, to: numbered, neighbours: demand, numbers: numbers.count,
      extraPairsMax: extraPairsMax)
    while let audience = call.next() { call.take(due.filter { $0.wants == audience }) }
    return call.draft
  }

  @Test func `whoever adds nobody comes first, then the largest that leaves room for the rest`() {
    let due = [lane(1, "a", "b"), lane(2, "y"), lane(3, "b", "c", "d"), lane(4, "a")]
    let call = fill(due)
    #expect(call.lanes == [1, 4, 3, 2])
    #expect(call.audience == Audience(of: ["a", "b", "c", "d", "y"]))
  }

  @Test func `a large audience does not keep nine small ones out`() {
    let large = (2...5).map { Candidate(lane: $0, wants: crowd(45, from: $0 * 100)) }
    let small = (6...20).map { Candidate(lane: $0, wants: crowd(2, from: $0 * 100)) }
    let opener = Candidate(lane: 1, wants: crowd(20))
    #expect(fill([opener] + large + small).lanes == [1, 2] + Array(6...13))
  }

  @Test func `where ten lanes find no room, the largest that fit share a call`() {
    let sizes = [40, 25, 35, 45, 20, 30]
    let due = sizes.enumerated().map { number, size in
      Candidate(lane: number, wants: crowd(size, from: number * 100))
    }
    #expect(fill(due).lanes == [0, 3])
    #expect(fill(Array(due.dropFirst())).lanes == [1, 3, 5])
  }

  @Test func `lanes that want the same come together`() {
    let due = [lane(1, "a"), lane(2, "b"), lane(3, "c", "d"), lane(4, "b"), lane(5, "c", "d")]
    #expect(fill(due).lanes == [1, 3, 5, 2, 4])
  }

  @Test func `the cap on pairs nobody asked for is kept`() {
    let due = [lane(1, "a"), lane(2, "b"), lane(3, "c")]
    #expect(fill(due, extraPairsMax: 2).lanes == [1, 2])
    #expect(fill([lane(1, "a"), lane(2, "b"), lane(3, "b")], extraPairsMax: 2).lanes == [1, 2])
  }

  @Test func `everyone is never mixed with people`() {
    let due = [Candidate(lane: 1, wants: .everyone), lane(2, "a"), lane(3, "a")]
    #expect(fill(due).lanes == [1])
    #expect(fill([due[1], due[0], due[2]]).lanes == [2, 3])
  }

  @Test(arguments: 0..<200)
  func `no call is too large, leaves its opener out, or misses somebody`(seed: UInt64) throws {
    var dice = Dice(seed)
    let due = (1...40).map { id in
      let size = Int.random(in: 1...60, using: &dice)
      let from = Int.random(in: 0...150, using: &dice)
      return Candidate(lane: id, wants: crowd(size, from: from))
    }
    let call = fill(due, extraPairsMax: 500)
    try #require(call.lanes.first == 1 && call.lanes.count <= 10, "seed \(seed)")
    try #require(call.audience.count ?? 0 <= 100, "seed \(seed)")
    try #require(Set(call.lanes).count == call.lanes.count, "seed \(seed)")
    var wanted = 0
    for lane in call.lanes {
      let wants = due[lane - 1].wants
      wanted += wants.count ?? 0
      try #require(wants.isSubset(of: call.audience), "seed \(seed)")
    }
    let pairs = (call.audience.count ?? 0) * call.lanes.count
    try #require(pairs - wanted <= 500, "seed \(seed)")
  }
}
