import Larkspur
import Planning

/// Looking for asks that no lane would ever end, a piece at a time: at the start of a run for those in
/// lanes, and once an hour in all rows.
struct StrayUpkeep {
  private var search: StraySearch? = StraySearch(isWhole: false)
  private(set) var next: Moment = 0

  private static let pause: Span = .hours(1)

  init() {}

  /// Goes on where the last run was.
  init(wholeNext next: Moment) { self.next = next }

  var isBusy: Bool { search != nil }

  /// How long a piece may take: nobody else can write meanwhile.
  static let piece: Span = 5

  mutating func step(
    _ store: WorkerStore, at now: Moment, isTimeUp: () -> Bool
  ) throws(SQLiteError) {
    if now >= next {
      search = StraySearch(isWhole: true)
      next = now + Self.pause
    }
    guard var search else { return }
    let isDone = try store.foldStrays(&search, at: now, isTimeUp: isTimeUp)
    self.search = isDone ? nil : search
  }
}
