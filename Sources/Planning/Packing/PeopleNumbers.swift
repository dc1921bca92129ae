/// Numbers users in the order they appear. Comparing sets of numbers takes a fraction of the time
/// that comparing open_ids takes.
package struct PeopleNumbers: Sendable {
  private var numbers: [String: Int32] = [:]
  /// Reserved at the start, because growing would take the most time.
  private let room: Int

  package init(room: Int = 0) { self.room = room }

  package var count: Int { numbers.count }

  /// Keeps the memory for reuse, unless an unusually large crowd has made it grow.
  package mutating func forget() { numbers.removeAll(keepingCapacity: numbers.count <= room) }

  package mutating func number(_ audience: Audience) -> NumberedAudience {
    if numbers.isEmpty { numbers.reserveCapacity(room) }
    guard case .people(let people) = audience else {
      return NumberedAudience(audience: audience, people: [])
    }
    let known = people.map { person in
      if let number = numbers[person] { return number }
      let number = Int32(numbers.count)
      numbers[person] = number
      return number
    }
    return NumberedAudience(audience: audience, people: known)
  }
}

/// An audience with the numbers of its users, in the same order. Everyone has no numbers.
package struct NumberedAudience: Hashable, Sendable {
  package let audience: Audience
  let people: [Int32]
}

/// An audience, and how many due lanes are known to want it.
package struct Demand: Hashable, Sendable {
  package let wants: NumberedAudience
  package let lanes: Int

  package init(_ wants: NumberedAudience, lanes: Int) {
    self.wants = wants
    self.lanes = lanes
  }
}
