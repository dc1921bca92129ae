/// A first-in, first-out list. A removed item is freed at once. Its slot is reclaimed when more
/// than half of the slots are free, so that removing items is cheap on average.
struct Line<Element> {
  private var items: [Element?] = []
  private var taken = 0

  var first: Element? { taken < items.count ? items[taken] : nil }

  mutating func append(_ item: Element) { items.append(item) }

  mutating func removeFirst() {
    items[taken] = nil
    taken += 1
    if taken > 1_000 && taken > items.count / 2 {
      items.removeFirst(taken)
      taken = 0
    }
  }
}
