/// Who is to see a preview anew: every member of its chat, or these people. A set of people is kept
/// sorted and without repeats, so that equal audiences are equal values.
package enum Audience: Hashable, Sendable {
  case everyone
  case people([String])

  /// The audience of these people, in any order and with any repeats.
  package init(of openIDs: some Sequence<String>) {
    self = .people(Set(openIDs).sorted())
  }

  package static let nobody = Audience.people([])

  package var isEmpty: Bool { self == .nobody }

  /// How many people, or nil when nobody can say.
  package var count: Int? {
    switch self {
    case .everyone: nil
    case .people(let people): people.count
    }
  }

  /// Whether this person is to see it. Everyone includes nobody by name.
  package func includes(_ person: String) -> Bool {
    guard case .people(let people) = self else { return false }
    return people.isSortedAndContains(person)
  }

  /// Every member of the chat includes each person: an open_id outside it is ignored by Feishu.
  package func union(_ other: Audience) -> Audience {
    guard case .people(let mine) = self, case .people(let theirs) = other else { return .everyone }
    if mine == theirs { return self }
    return Audience(of: mine + theirs)
  }

  /// With all of them at once: one after the other, a thousand would be sorted a thousand times.
  package func union(_ others: some Sequence<Audience>) -> Audience {
    guard case .people(let mine) = self else { return .everyone }
    var more: Set<String> = []
    for other in others {
      guard case .people(let theirs) = other else { return .everyone }
      more.formUnion(theirs)
    }
    return .people(mine.merged(with: more.sorted()))
  }

  /// What is still wanted once `covered` has been reached. Only everyone covers everyone.
  package func subtracting(_ covered: Audience) -> Audience {
    switch (self, covered) {
    case (_, .everyone): return .nobody
    case (.everyone, .people): return .everyone
    case (.people(let mine), .people(let theirs)):
      return .people(mine.filter { !theirs.isSortedAndContains($0) })
    }
  }

  /// Whether a call to this audience asks nothing of anybody outside `other`.
  package func isSubset(of other: Audience) -> Bool {
    switch (self, other) {
    case (_, .everyone): return true
    case (.everyone, .people): return false
    case (.people(let mine), .people(let theirs)):
      if mine.count > theirs.count { return false }
      if mine.count < theirs.count / 16 { return mine.allSatisfy(theirs.isSortedAndContains) }
      var rest = theirs[...]
      return mine.allSatisfy { person in
        rest = rest.drop { $0 < person }
        return rest.popFirst() == person
      }
    }
  }

  /// One of these people, by chance; everyone stays everyone.
  package func anyone(dice: UInt64) -> Audience {
    guard case .people(let people) = self, people.count > 1 else { return self }
    return .people([people[Int(UInt64(people.count).multipliedFullWidth(by: dice).high)]])
  }

  /// How many calls it takes at least, at `peoplePerCall` each.
  package var callsNeeded: Int {
    count.map(Self.callsNeeded) ?? 1
  }

  package static func callsNeeded(for people: Int) -> Int {
    (people + Preview.peoplePerCall - 1) / Preview.peoplePerCall
  }

  /// Whether a call to `chunk` takes this audience one call nearer to its end.
  package func isBroughtNearer(by chunk: Audience) -> Bool {
    guard let all = count, let some = chunk.count else { return self == chunk }
    return Self.callsNeeded(for: all - some) < callsNeeded && chunk.isSubset(of: self)
  }
}

extension [String] {
  /// Both are sorted and without repeats, and so is what comes of it.
  fileprivate func merged(with others: [String]) -> [String] {
    var all: [String] = []
    all.reserveCapacity(count + others.count)
    var rest = others[...]
    for element in self {
      while let other = rest.first, other < element {
        all.append(other)
        rest.removeFirst()
      }
      if rest.first == element { rest.removeFirst() }
      all.append(element)
    }
    return all + rest
  }

  /// A lane may want ten thousands of people, and each of its asks is compared with all of them.
  fileprivate func isSortedAndContains(_ wanted: String) -> Bool {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if self[middle] < wanted { low = middle + 1 } else { high = middle }
    }
    return low < endIndex && self[low] == wanted
  }
}
