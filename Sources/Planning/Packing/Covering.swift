/// A call that lanes with different audiences may share, as long as its users and the pairs nobody
/// asked for stay within their limits.
///
/// A call is full when its places for lanes or its places for users run out. Taking the smallest
/// audiences first uses them up and leaves large ones, and two of those fill a call. Taking the
/// largest first ends with calls of ten small ones. So the next audience is the largest that leaves
/// enough room to fill all other lane places with the smallest audiences. If there is no room for
/// ten lanes anyway, it is the largest that fits. Among equally large audiences, the one with the
/// most users already in the call is taken.
package struct Covering {
  private let extraPairsMax: Int
  private var lanes: [Int]
  private var covered: [String]
  /// The (token, user) pairs of the call that were asked for.
  private var wantedPairs: Int
  private var choices: [Choice]
  /// The users of all choices, one after the other.
  private var people: [Int32] = []
  /// For each user, by number, whether the call reaches them.
  private var isCovered: [Bool]

  private struct Choice {
    let neighbour: Int
    let lanes: Int
    let people: Range<Int>
    var added = 0

    func isBetter(than other: Choice) -> Bool {
      (people.count, other.added) > (other.people.count, added)
    }
  }

  private let neighbours: [Demand]

  /// Starts from a call to `chunk` in which every lane wants all of `chunk`. The neighbours are
  /// sorted by when the first lane of each became due. The numbers of the users are below
  /// `numbers`.
  package init(
    _ draft: CallDraft, to chunk: NumberedAudience, neighbours: [Demand], numbers: Int,
    extraPairsMax: Int
  ) {
    guard case .people(let first) = chunk.audience else {
      preconditionFailure("an audience of everyone cannot share a call with a list")
    }
    self.extraPairsMax = extraPairsMax
    self.neighbours = neighbours
    lanes = draft.lanes
    covered = first
    wantedPairs = first.count * lanes.count
    isCovered = Array(repeating: false, count: numbers)
    for number in chunk.people { isCovered[Int(number)] = true }
    choices = []
    for (place, neighbour) in neighbours.enumerated() where neighbour.wants != chunk {
      let size = neighbour.wants.people.count
      guard 1...Preview.peoplePerCall ~= size else { continue }
      choices.append(
        Choice(neighbour: place, lanes: neighbour.lanes, people: people.count..<people.count + size)
      )
      people += neighbour.wants.people
    }
  }

  package var draft: CallDraft { CallDraft(audience: Audience(of: covered), lanes: lanes) }

  /// The audience whose lanes join next. Pass those lanes to `take`. Nil when no more can join.
  package mutating func next() -> Audience? {
    let places = Preview.tokensPerCall - lanes.count
    guard places > 0 else { return nil }
    for place in choices.indices {
      choices[place].added = choices[place].people.count { !isCovered[Int(people[$0])] }
    }
    choices = choices.filter { $0.added <= room && allows($0) }
    guard let chosen = choose(for: places) else { return nil }
    let choice = choices.remove(at: chosen)
    let wants = neighbours[choice.neighbour].wants
    join(wants)
    return wants.audience
  }

  private mutating func join(_ wants: NumberedAudience) {
    guard case .people(let names) = wants.audience else { return }
    for (number, person) in zip(wants.people, names) where !isCovered[Int(number)] {
      isCovered[Int(number)] = true
      covered.append(person)
    }
  }

  /// Lanes of the audience returned last by `next` join, as far as there are places.
  package mutating func take(_ candidates: [Candidate]) {
    for candidate in candidates where lanes.count < Preview.tokensPerCall {
      let wanted = wantedPairs + (candidate.wants.count ?? 0)
      let extra = covered.count * (lanes.count + 1) - wanted
      guard extra <= extraPairsMax, !lanes.contains(candidate.lane) else { continue }
      lanes.append(candidate.lane)
      wantedPairs = wanted
    }
  }

  private var room: Int { Preview.peoplePerCall - covered.count }

  /// Whether one lane with this audience may join.
  private func allows(_ choice: Choice) -> Bool {
    let pairs = (covered.count + choice.added) * (lanes.count + 1)
    return pairs - wantedPairs - choice.people.count <= extraPairsMax
  }

  private func choose(for places: Int) -> Int? {
    // An audience that adds no users takes no room from the others.
    if let free = choices.firstIndex(where: { $0.added == 0 }) { return free }
    // Under a tighter cap the extra pairs run out first, and adding the fewest users makes the
    // fewest pairs.
    if extraPairsMax < Packing.defaultExtraPairsMax {
      return choices.indices.min { choices[$0].added < choices[$1].added }
    }
    var filling = Filling(places)
    for (place, choice) in choices.enumerated() { filling.add(place, choice.added, choice.lanes) }
    let isRoomy = filling.people(for: places, besides: nil) <= room
    var best: Int?
    for (place, choice) in choices.enumerated() {
      if let best, !choice.isBetter(than: choices[best]) { continue }
      let rest = places - min(choice.lanes, places)
      if isRoomy, choice.added + filling.people(for: rest, besides: place) > room { continue }
      best = place
    }
    return best
  }
}

/// The audiences that fill the most places with the fewest people.
private struct Filling {
  private let most: Int
  private var smallest: [(place: Int, added: Int, lanes: Int)] = []

  /// Each audience fills at least one place, so only the best `places + 1` can matter.
  init(_ places: Int) { most = places + 1 }

  mutating func add(_ place: Int, _ added: Int, _ lanes: Int) {
    if smallest.count == most, let last = smallest.last, added * last.lanes >= last.added * lanes {
      return
    }
    let index = smallest.firstIndex { added * $0.lanes < $0.added * lanes } ?? smallest.count
    smallest.insert((place, added, lanes), at: index)
    if smallest.count > most { smallest.removeLast() }
  }

  /// How many users are added by filling this many places. If too few lanes are left without
  /// `place`, as many places as they fill.
  func people(for places: Int, besides place: Int?) -> Int {
    var (left, people) = (places, 0)
    for choice in smallest where left > 0 && choice.place != place {
      left -= choice.lanes
      people += choice.added
    }
    return people
  }
}
