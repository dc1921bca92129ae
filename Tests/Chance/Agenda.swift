/// Planned actions, ordered by moment and, within one moment, by when they were planned. A heap,
/// because every step takes the next one.
package struct Agenda {
  package struct Entry {
    package let at: Int
    fileprivate let order: Int
    package let action: () -> Void

    fileprivate func precedes(_ other: Entry) -> Bool { (at, order) < (other.at, other.order) }
  }

  private var heap: [Entry] = []
  private var planned = 0

  package init() {}

  package var next: Int? { heap.first?.at }

  package mutating func plan(_ at: Int, _ action: @escaping () -> Void) {
    planned += 1
    heap.append(Entry(at: at, order: planned, action: action))
    var child = heap.count - 1
    while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  package mutating func take() -> Entry? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty { heap[0] = last }
    var parent = 0
    while true {
      let children = [parent * 2 + 1, parent * 2 + 2].filter { $0 < heap.count }
      guard let least = children.min(by: { heap[$0].precedes(heap[$1]) }),
        heap[least].precedes(heap[parent])
      else { return first }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
