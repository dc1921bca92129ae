/// The users for whom a preview is refreshed: every member of its chat, or a list. The list is kept
/// sorted and without repeats, so that equal audiences are equal values.
package enum Audience: Hashable, Sendable {
  case everyone
  case people([String])

  /// The audience of these open_ids, in any order and with any repeats.
  package init(of openIDs: some Sequence<String>) {
    self = .people(Set(openIDs).sorted())
  }

  package static let nobody = Audience.people([])

  package var isEmpty: Bool { self == .nobody }

  /// The number of users. Nil for everyone: Larkspur does not know who is in the chat.
  package var count: Int? {
    switch self {
    case .everyone: nil
    case .people(let people): people.count
    }
  }

  /// Whether this user is listed by name. Everyone lists no names.
  package func includes(_ person: String) -> Bool {
    guard case .people(let people) = self else { return false }
    return people.isSortedAndContains(person)
  }

  /// A union with everyone is everyone, because Feishu ignores an open_id that is not in the chat.
  package func union(_ other: Audience) -> Audience {
    guard case .people(let mine) = self, case .people(let theirs) = other else { return .everyone }
    if mine == theirs { return self }
    return Audience(of: mine + theirs)
  }

  /// Merges all of the others in one pass. Adding a thousand one by one would sort a thousand
  /// times.
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

  /// Whether a call to this audience refreshes nobody outside `other`.
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

  /// One of these users, picked at random. Everyone stays everyone.
  package func anyone(dice: UInt64) -> Audience {
    guard case .people(let people) = self, people.count > 1 else { return self }
    return .people([people[Int(UInt64(people.count).multipliedFullWidth(by: dice).high)]])
  }

  /// The fewest calls that reach this audience, with `peoplePerCall` users in each.
  package var callsNeeded: Int {
    count.map(Self.callsNeeded) ?? 1
  }

  package static func callsNeeded(for people: Int) -> Int {
    (people + Preview.peoplePerCall - 1) / Preview.peoplePerCall
  }

  /// Whether a call to `chunk` leaves this audience with fewer calls to make.
  package func isBroughtNearer(by chunk: Audience) -> Bool {
    guard let all = count, let some = chunk.count else { return self == chunk }
    return Self.callsNeeded(for: all - some) < callsNeeded && chunk.isSubset(of: self)
  }
}

extension [String] {
  /// Both lists must be sorted and without repeats. So is the result.
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

  /// Binary search: a lane may want tens of thousands of users, and each of its asks is compared
  /// with all of them.
  fileprivate func isSortedAndContains(_ wanted: String) -> Bool {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if self[middle] < wanted { low = middle + 1 } else { high = middle }
    }
    return low < endIndex && self[low] == wanted
  }
}
