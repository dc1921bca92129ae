/// People by number, given out as they come: sets of numbers are compared in a fraction of the time
/// that names take.
package struct PeopleNumbers: Sendable {
  private var numbers: [String: Int32] = [:]
  /// Growing is what would take longest.
  private let room: Int

  package init(room: Int = 0) { self.room = room }

  package var count: Int { numbers.count }

  /// One crowd that was larger than usual is not to cost its memory for ever.
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

/// An audience whose people are known by number, in the same order; none of everyone.
package struct NumberedAudience: Hashable, Sendable {
  package let audience: Audience
  let people: [Int32]
}

/// An audience, and how many lanes that are due are known to want it.
package struct Demand: Hashable, Sendable {
  package let wants: NumberedAudience
  package let lanes: Int

  package init(_ wants: NumberedAudience, lanes: Int) {
    self.wants = wants
    self.lanes = lanes
  }
}
