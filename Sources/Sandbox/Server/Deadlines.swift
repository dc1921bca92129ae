/// Things to do later, the nearest first.
struct Deadlines<Item> {
  /// Latest first, so that the nearest can be taken from the end without moving the others.
  private var items: [(at: Microseconds, item: Item)] = []

  var nearest: Microseconds? { items.last?.at }

  mutating func add(_ item: Item, at moment: Microseconds) {
    var low = 0
    var high = items.count
    while low < high {
      let middle = (low + high) / 2
      if items[middle].at > moment { low = middle + 1 } else { high = middle }
    }
    items.insert((moment, item), at: low)
  }

  mutating func popDue(at now: Microseconds) -> Item? {
    guard let last = items.last, last.at <= now else { return nil }
    return items.removeLast().item
  }
}
