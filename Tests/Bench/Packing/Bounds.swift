/// Calls that no packing can do without. Nothing of the planner's is used here, only what a call can
/// carry.
struct Bounds {
  /// So many lanes and people a call carries.
  private static let lanesPerCall = 10
  private static let peoplePerCall = 100

  private let crowd: Crowd
  /// By audience, how many lanes want it.
  private let lanes: [Int]
  /// By person, the audiences with that person in them.
  private let audiencesOf: [Int: [Int]]

  init(_ crowd: Crowd) {
    self.crowd = crowd
    var lanes = Array(repeating: 0, count: crowd.audiences.count)
    for audience in crowd.lanes { lanes[audience] += 1 }
    var audiencesOf: [Int: [Int]] = [:]
    for (number, people) in crowd.audiences.enumerated() where lanes[number] > 0 {
      for person in people ?? [] { audiencesOf[person, default: []].append(number) }
    }
    self.lanes = lanes
    self.audiencesOf = audiencesOf
  }

  /// Of a call nobody must get anything from, who was not asked for: each of its people is wanted by
  /// each of its lanes.
  ///
  /// Take for each audience A one person a of it, such that of any two audiences A and B, a is not in
  /// B or b is not in A. No call reaches both a for a lane that wants A and b for one that wants B: a
  /// and b would both be wanted by both. So the calls that reach a for the lanes of A are others than
  /// those that reach b for the lanes of B, and there are ceil(lanes of A / 10) of them. An audience
  /// for which no such person is left counts for nothing.
  ///
  /// Of the people who are in A alone there may be many. All calls that reach them are for lanes of A;
  /// - a lane needs ceil(many / 100) calls for them, and each has places for ten lanes;
  /// - each of them needs ceil(lanes of A / 10) calls, and each has places for a hundred people.
  var exact: Int {
    var chosen: [Int: Int] = [:]
    var calls = everyone
    let byLanes = crowd.audiences.indices.filter { lanes[$0] > 0 && crowd.audiences[$0] != nil }
      .sorted { (lanes[$0], $1) > (lanes[$1], $0) }
    for audience in byLanes {
      let people = crowd.audiences[audience] ?? []
      let own = people.count { audiencesOf[$0]?.count == 1 }
      if own > 0 {
        calls += max(
          Self.pieces(lanes[audience] * Self.pieces(own, Self.peoplePerCall)),
          Self.pieces(own * Self.pieces(lanes[audience]), Self.peoplePerCall))
      } else if let person = people.first(where: { tells(audience, apart: $0, chosen) }) {
        chosen[audience] = person
        calls += Self.pieces(lanes[audience])
      }
    }
    return calls
  }

  /// Whether this person does for this audience, with the persons chosen for others.
  private func tells(_ audience: Int, apart person: Int, _ chosen: [Int: Int]) -> Bool {
    let mine = crowd.audiences[audience] ?? []
    return audiencesOf[person, default: []].allSatisfy { other in
      chosen[other].map { !mine.contains($0) } ?? true
    }
  }

  /// Whatever else a call does,
  /// - it has places for ten lanes, and a lane with many people needs one in ceil(many / 100) calls;
  /// - it has places for a hundred people, and somebody whom many lanes want needs one in
  ///   ceil(many / 10) calls.
  /// Everyone shares no call with a list. Pairs that nobody asked for are as many as ten chats of ten
  /// people make of a full call at the most, which is what an account that covers allows.
  var cover: Int {
    var lanePlaces = 0
    for (audience, people) in crowd.audiences.enumerated() {
      guard let people else { continue }
      lanePlaces += lanes[audience] * Self.pieces(people.count, Self.peoplePerCall)
    }
    let personPlaces = audiencesOf.values.reduce(0) { places, audiences in
      places + Self.pieces(audiences.reduce(0) { $0 + lanes[$1] })
    }
    return everyone
      + max(Self.pieces(lanePlaces), Self.pieces(personPlaces, Self.peoplePerCall))
  }

  private var everyone: Int {
    zip(crowd.audiences, lanes).reduce(0) { $1.0 == nil ? $0 + Self.pieces($1.1) : $0 }
  }

  private static func pieces(_ count: Int, _ size: Int = lanesPerCall) -> Int {
    (count + size - 1) / size
  }
}
