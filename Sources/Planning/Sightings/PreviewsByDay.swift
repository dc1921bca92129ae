/// The previews of one key, counted by the day on which they were last seen.
package struct PreviewsByDay: Equatable, Sendable {
  private var counts: [Int: Int] = [:]
  package private(set) var total = 0

  package init() {}

  package mutating func add(day: Int) {
    counts[day, default: 0] += 1
    total += 1
  }

  /// The previews that go so that `limit` are left: those seen least recently. Nil if there are not
  /// more.
  package func surplus(beyond limit: Int) -> Surplus? {
    var left = total - limit
    if left <= 0 { return nil }
    for day in counts.keys.sorted() {
      let count = counts[day] ?? 0
      if count >= left { return Surplus(before: day, onThatDay: left) }
      left -= count
    }
    return nil
  }
}

/// Which previews of a key are too many. Of those last seen on one day, the ones that were recorded
/// first go first.
package struct Surplus: Equatable, Sendable {
  private let day: Int
  private var left: Int

  package init(before day: Int, onThatDay count: Int) {
    self.day = day
    left = count
  }

  /// Whether this one goes. Ask for each preview of the key once, in the order of their ids.
  package mutating func takes(lastSeen seen: Int) -> Bool {
    if seen < day { return true }
    guard seen == day, left > 0 else { return false }
    left -= 1
    return true
  }
}
