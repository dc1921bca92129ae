import Larkspur
import Planning

/// Searches for stray asks, which no lane would ever end, one slice per turn: among asks in lanes
/// when a run starts, and among all rows once an hour.
struct StrayUpkeep {
  private var search: StraySearch? = StraySearch(isWhole: false)
  private(set) var next: Moment = .zero

  private static let pause: Span = .hours(1)

  init() {}

  static let never = StrayUpkeep(search: nil, next: .max)

  private init(search: StraySearch?, next: Moment) { (self.search, self.next) = (search, next) }

  /// Continues from the last run: all rows are searched at `next`.
  init(wholeNext next: Moment) { self.next = next }

  var isBusy: Bool { search != nil }

  /// How long a slice may take. Nobody else can write meanwhile.
  static let slice: Span = 5

  mutating func step(
    _ store: WorkerStore, underWay: Set<Int>, at now: Moment, isTimeUp: () -> Bool
  ) throws(StoreError) {
    if now >= next {
      search = StraySearch(isWhole: true)
      next = now + Self.pause
    }
    guard var search else { return }
    let isDone = try store.foldStrays(
      &search, underWay: underWay, at: now, isTimeUp: isTimeUp)
    self.search = isDone ? nil : search
  }
}

extension Worker {
  /// Stray asks found in this turn are folded in the next one.
  func noteStrays() {
    guard store.hasAsksToFoldAgain else { return }
    store.hasAsksToFoldAgain = false
    state.hasStrays = true
    state.isFoldedUp = false
  }
}
