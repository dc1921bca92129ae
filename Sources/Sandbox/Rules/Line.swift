/// First in, first out. What has been taken out is gone at once, and the room it took little by
/// little, so that no single call pays for a long line.
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
