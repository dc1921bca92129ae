import Planning

/// When something can next be done, by key. A heap in which each key knows its place, so the
/// earliest timer is found at once, however many there are.
struct Timers<Key: Hashable> {
  private var heap: [(moment: Moment, key: Key)] = []
  private var places: [Key: Int] = [:]

  /// The earliest of all.
  var first: Moment? { heap.first?.moment }

  /// Sets a timer; nil removes it.
  mutating func set(_ key: Key, _ moment: Moment?) {
    guard let moment else { return remove(key) }
    guard let place = places[key] else {
      heap.append((moment, key))
      places[key] = heap.count - 1
      return rise(from: heap.count - 1)
    }
    heap[place].moment = moment
    settle(at: place)
  }

  private mutating func remove(_ key: Key) {
    guard let place = places.removeValue(forKey: key) else { return }
    let last = heap.removeLast()
    if place == heap.count { return }
    put(last, at: place)
    settle(at: place)
  }

  /// The keys that are due at `now`, in no particular order.
  func due(at now: Moment) -> [Key] {
    var due: [Key] = []
    var open = [0]
    // If a timer is not due, nothing below it in the heap is.
    while let place = open.popLast() {
      guard place < heap.count, heap[place].moment <= now else { continue }
      due.append(heap[place].key)
      open += [2 * place + 1, 2 * place + 2]
    }
    return due
  }

  private mutating func put(_ timer: (moment: Moment, key: Key), at place: Int) {
    heap[place] = timer
    places[timer.key] = place
  }

  private mutating func settle(at place: Int) {
    rise(from: place)
    sink(from: place)
  }

  private mutating func rise(from place: Int) {
    var place = place
    while place > 0, heap[place].moment < heap[(place - 1) / 2].moment {
      swap(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private mutating func sink(from place: Int) {
    var place = place
    while true {
      let children = [2 * place + 1, 2 * place + 2].filter { $0 < heap.count }
      guard let child = children.min(by: { heap[$0].moment < heap[$1].moment }),
        heap[child].moment < heap[place].moment
      else { return }
      swap(place, child)
      place = child
    }
  }

  private mutating func swap(_ a: Int, _ b: Int) {
    let (first, second) = (heap[a], heap[b])
    put(second, at: a)
    put(first, at: b)
  }
}
