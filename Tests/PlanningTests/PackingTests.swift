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

  /// An audience that needs one call less once these of its users have been reached.
  private func wide(_ shared: Audience, from first: Int) -> Audience {
    shared.union(crowd(100, from: first))
  }

  @Test func `it is cut where most lanes are saved a call`() {
    let wide = wide(crowd(60, from: 100), from: 1_000)
    #expect(chunk(of: crowd(250), among: crowd(80), wide, wide) == crowd(60, from: 100))
  }

  @Test func `lanes that want just this piece count once, for the place that they leave`() {
    let wide = wide(crowd(60, from: 100), from: 1_000)
    let neighbours = Array(repeating: crowd(80), count: 5) + [wide, wide]
    #expect(chunk(of: crowd(250), among: neighbours) == crowd(60, from: 100))
  }

  @Test func `a lane that needs as many calls afterwards is not saved one`() {
    // It takes two calls, with or without the fifty users whom it shares.
    let large = crowd(50, from: 170).union(crowd(140, from: 1_000))
    let piece = chunk(of: crowd(250), among: crowd(60, from: 100), crowd(50, from: 170), large)
    #expect(piece == crowd(60, from: 100))
  }

  @Test func `of pieces that save as many lanes a call, it is the largest`() {
    let piece = chunk(of: crowd(250), among: crowd(50, from: 100), crowd(70, from: 160))
    #expect(piece == crowd(70, from: 160))
  }

  @Test func `of equally large ones, it is that of the lane that has been due longest`() {
    let piece = chunk(of: crowd(250), among: crowd(60, from: 100), crowd(60, from: 170))
    #expect(piece == crowd(60, from: 100))
  }

  @Test func `lanes for which a call has no place are not counted`() {
    let twelve = Array(repeating: wide(crowd(60, from: 100), from: 1_000), count: 12)
    let ten = Array(repeating: wide(crowd(70, from: 170), from: 2_000), count: 10)
    #expect(chunk(of: crowd(250), among: twelve + ten) == crowd(70, from: 170))
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

  @Test func `of equally large audiences the one that adds fewest users comes first`() {
    let due = [lane(1, "a", "b"), lane(2, "c", "d"), lane(3, "b", "e")]
    #expect(fill(due).lanes == [1, 3, 2])
  }

  @Test func `of those that add as many, the one that has been due longest`() {
    let due = [lane(1, "a", "b"), lane(2, "c", "d"), lane(3, "e", "f")]
    #expect(fill(due).lanes == [1, 2, 3])
  }

  @Test func `where few extra pairs are allowed, audiences that add fewest users come first`() {
    let due = [lane(1, "a", "b"), lane(2, "c", "d", "e"), lane(3, "a", "c")]
    #expect(fill(due, extraPairsMax: 10).lanes == [1, 3, 2])
  }

  @Test func `the room that the rest needs is that of audiences with few users for each lane`() {
    let large = Candidate(lane: 2, wants: crowd(30, from: 1_000))
    let popular = (3...10).map { Candidate(lane: $0, wants: crowd(20, from: 2_000)) }
    let small = (11...19).map { Candidate(lane: $0, wants: crowd(8, from: $0 * 1_000)) }
    let opener = Candidate(lane: 1, wants: crowd(20))
    #expect(fill([opener, large] + popular + small).lanes == Array(1...10))
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
