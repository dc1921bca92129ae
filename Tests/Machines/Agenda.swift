/// What happens next, in true time. What is planned for one moment happens in the order in which it was planned.
struct Agenda {
  private var entries: [(at: Int, order: Int, action: () -> Void)] = []
  private var order = 0

  var next: Int? { entries.last?.at }

  mutating func plan(_ at: Int, _ action: @escaping () -> Void) {
    order += 1
    var (low, high) = (0, entries.count)
    // Latest first, so that taking one is cheap.
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].at > at { low = middle + 1 } else { high = middle }
    }
    entries.insert((at, order, action), at: low)
  }

  mutating func take() -> (at: Int, action: () -> Void)? {
    entries.popLast().map { ($0.at, $0.action) }
  }
}
