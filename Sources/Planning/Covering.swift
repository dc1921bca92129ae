/// A call that lanes with other audiences may join, as long as its people and the pairs that nobody
/// asked for stay within their bounds.
///
/// A call is used up when its places for lanes are, or its places for people. Whoever takes the
/// smallest audiences first runs out of them and is left with large ones, of which two fill a call;
/// whoever takes the largest first ends with calls of ten small ones. So the largest audience is taken
/// that leaves room enough to fill all other places, with the smallest there are; when the room
/// cannot do for ten lanes anyway, just the largest that fits.
package struct Covering {
  private let extraPairsMax: Int
  private var lanes: [Int]
  private var covered: [String]
  /// (token, person) pairs of the call that are asked for.
  private var wantedPairs: Int
  private var choices: [Choice] = []
  /// For each person, by number, whether the call reaches them.
  private var isCovered: [Bool] = []

  private struct Choice {
    let demand: Demand
    /// Its people by number: names take long to compare.
    let people: [Int]
    var added: Int
  }

  /// Goes on from a call in which every lane wants all of its people. The neighbours are in the order
  /// in which the first lane of each has become due.
  package init(_ draft: CallDraft, neighbours: [Demand], extraPairsMax: Int) {
    self.extraPairsMax = extraPairsMax
    lanes = draft.lanes
    guard case .people(let people) = draft.audience else {
      preconditionFailure("everyone shares a call with nobody")
    }
    covered = people
    wantedPairs = people.count * lanes.count
    var numbers = Dictionary(uniqueKeysWithValues: zip(people, 0...))
    for neighbour in neighbours {
      guard case .people(let theirs) = neighbour.audience, neighbour.audience != draft.audience,
        theirs.count <= Limits.peoplePerCall
      else { continue }
      let numbered = theirs.map { person in
        if let number = numbers[person] { return number }
        let number = numbers.count
        numbers[person] = number
        return number
      }
      choices.append(Choice(demand: neighbour, people: numbered, added: 0))
    }
    isCovered = Array(repeating: false, count: numbers.count)
    for number in people.indices { isCovered[number] = true }
  }

  package var draft: CallDraft { CallDraft(audience: Audience(of: covered), lanes: lanes) }

  /// Whose lanes are to join next; nil when nobody else can.
  package mutating func next() -> Audience? {
    let places = Limits.tokensPerCall - lanes.count
    guard places > 0 else { return nil }
    choices = choices.compactMap { choice in
      var choice = choice
      choice.added = choice.people.count { !isCovered[$0] }
      return choice.added <= room && allows(choice) ? choice : nil
    }
    guard let chosen = choose(for: places) else { return nil }
    return choices[chosen].demand.audience
  }

  /// These lanes, which all want the same people, join as far as there are places for them.
  package mutating func take(_ candidates: [Candidate]) {
    guard let audience = candidates.first?.wants, case .people(let people) = audience else { return }
    guard let choice = choices.firstIndex(where: { $0.demand.audience == audience }) else { return }
    let taken = choices.remove(at: choice)
    for (number, person) in zip(taken.people, people) where !isCovered[number] {
      isCovered[number] = true
      covered.append(person)
    }
    for candidate in candidates where lanes.count < Limits.tokensPerCall {
      let extra = covered.count * (lanes.count + 1) - wantedPairs - people.count
      guard extra <= extraPairsMax, !lanes.contains(candidate.lane) else { continue }
      lanes.append(candidate.lane)
      wantedPairs += people.count
    }
  }

  private var room: Int { Limits.peoplePerCall - covered.count }

  /// Whether one lane of it may join.
  private func allows(_ choice: Choice) -> Bool {
    let pairs = (covered.count + choice.added) * (lanes.count + 1)
    return pairs - wantedPairs - choice.people.count <= extraPairsMax
  }

  private func choose(for places: Int) -> Int? {
    // Who adds nobody takes nothing from anybody.
    if let free = choices.firstIndex(where: { $0.added == 0 }) { return free }
    let filling = Filling(choices.map { ($0.added, $0.demand.lanes) }, places: places)
    let isRoomy = filling.people(for: places) <= room
    var best: Int?
    for (index, choice) in choices.enumerated() {
      let rest = places - min(choice.demand.lanes, places)
      if isRoomy, choice.added + filling.people(for: rest) > room { continue }
      if best.map({ choice.added > choices[$0].added }) ?? true { best = index }
    }
    return best
  }
}

/// The audiences that fill the most places with the fewest people.
private struct Filling {
  private let smallest: [(added: Int, lanes: Int)]

  init(_ choices: [(added: Int, lanes: Int)], places: Int) {
    // As each fills a place at least, no more of them than places can matter.
    var smallest: [(added: Int, lanes: Int)] = []
    for choice in choices {
      let place = smallest.firstIndex { choice.added * $0.lanes < $0.added * choice.lanes }
      if let place {
        smallest.insert(choice, at: place)
        if smallest.count > places { smallest.removeLast() }
      } else if smallest.count < places {
        smallest.append(choice)
      }
    }
    self.smallest = smallest
  }

  /// How many people come with so many lanes, or with as many as there are.
  func people(for places: Int) -> Int {
    var (left, people) = (places, 0)
    for choice in smallest where left > 0 {
      left -= choice.lanes
      people += choice.added
    }
    return people
  }
}
