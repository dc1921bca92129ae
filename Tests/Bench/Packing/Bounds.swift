/// Lower bounds on the calls that any packing needs. They use nothing of the planner's, only what a
/// call can carry.
struct Bounds {
  /// The lanes and users that one call carries.
  private static let lanesPerCall = 10
  private static let peoplePerCall = 100

  private let crowd: Crowd
  /// The number of lanes that want each audience.
  private let lanes: [Int]
  /// For each user, the audiences that contain that user.
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

  /// For exact packing: nobody may get anything that was not asked for, so each user in a call is
  /// wanted by each of its lanes.
  ///
  /// For each audience A choose one user a of it, so that for any two audiences A and B, a is not
  /// in B or b is not in A. No call reaches both a for a lane that wants A and b for one that wants
  /// B, because both lanes would have to want both users. So the calls that reach a for the lanes
  /// of A are different from those that reach b for the lanes of B, and there are ceil(lanes of A /
  /// 10) of them. An audience for which no such user is left counts for nothing.
  ///
  /// If n users are in A alone, all calls that reach them are for lanes of A:
  /// - a lane needs ceil(n / 100) calls for them, and each call has room for ten lanes;
  /// - each of them needs ceil(lanes of A / 10) calls, and each call has room for a hundred users.
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

  /// Whether this user can be chosen for this audience, given the users chosen for others.
  private func tells(_ audience: Int, apart person: Int, _ chosen: [Int: Int]) -> Bool {
    let mine = crowd.audiences[audience] ?? []
    return audiencesOf[person, default: []].allSatisfy { other in
      chosen[other].map { !mine.contains($0) } ?? true
    }
  }

  /// For `cover`, whatever else a call does:
  /// - it has room for ten lanes, and a lane with n users needs a place in ceil(n / 100) calls;
  /// - it has room for a hundred users, and a user whom n lanes want needs a place in ceil(n / 10)
  /// calls.
  /// A call for everyone never has a list. The extra pairs are limited to those of a full call made
  /// of ten chats of ten users, which is what an account with `cover` allows.
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
