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
    let piece = Packing.chunk(for: wide[0], neighbours: wide)
    #expect(piece == crowd(100))
    let call = Packing.fillExactly(piece, opener: wide[0], equal: [], wide: wide)
    #expect(call.lanes == [1, 2, 3])
  }

  @Test func `it is cut where another lane can use the same piece`() {
    let shared = crowd(61, from: 120)
    let piece = Packing.chunk(
      for: lane(1, crowd(250)), neighbours: [lane(2, shared), lane(3, crowd(7))])
    #expect(piece == shared)
  }

  @Test func `a piece that costs it another call is not worth sharing`() {
    let piece = Packing.chunk(
      for: lane(1, crowd(200)), neighbours: [lane(2, crowd(99))])
    #expect(piece == crowd(100))
  }

  @Test func `two large audiences share what they have in common`() {
    let neighbours = [lane(2, crowd(150, from: 50))]
    let piece = Packing.chunk(for: lane(1, crowd(150)), neighbours: neighbours)
    #expect(piece == crowd(100, from: 50))
  }

  @Test func `lanes that fill calls of ten by themselves leave no place to share`() {
    let neighbours = (2...11).map { lane($0, crowd(60)) }
    let piece = Packing.chunk(for: lane(1, crowd(150)), neighbours: neighbours)
    #expect(piece == crowd(100))
  }
}

struct CoverPackingTests {
  func lane(_ id: Int, _ people: String...) -> Candidate {
    Candidate(lane: id, wants: Audience(of: people))
  }

  @Test func `the lane that adds the fewest people comes next`() {
    let due = [lane(1, "a", "b"), lane(2, "x", "y"), lane(3, "b", "c"), lane(4, "a")]
    let call = Packing.fillCovering(
      due[0].wants, opener: due[0], due: due, extraPairsMax: 900)
    #expect(call.lanes == [1, 4, 3, 2])
    #expect(call.audience == Audience(of: ["a", "b", "c", "x", "y"]))
  }

  @Test func `the cap on pairs nobody asked for is kept`() {
    let due = [lane(1, "a"), lane(2, "b"), lane(3, "c")]
    let call = Packing.fillCovering(due[0].wants, opener: due[0], due: due, extraPairsMax: 2)
    #expect(call.lanes.count == 2)
  }

  @Test func `everyone is never mixed with people`() {
    let due = [Candidate(lane: 1, wants: .everyone), lane(2, "a"), lane(3, "a")]
    #expect(
      Packing.fillCovering(.everyone, opener: due[0], due: due, extraPairsMax: 900).lanes == [1])
    #expect(
      Packing.fillCovering(due[1].wants, opener: due[1], due: due, extraPairsMax: 900).lanes
        == [2, 3])
  }

  @Test(arguments: 0..<200)
  func `no call is too large, leaves its opener out, or misses somebody`(seed: UInt64) throws {
    var dice = SeededDice(seed)
    let due = (1...40).map { id in
      let size = Int.random(in: 1...60, using: &dice)
      let from = Int.random(in: 0...150, using: &dice)
      return Candidate(lane: id, wants: crowd(size, from: from))
    }
    let call = Packing.fillCovering(due[0].wants, opener: due[0], due: due, extraPairsMax: 500)
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
