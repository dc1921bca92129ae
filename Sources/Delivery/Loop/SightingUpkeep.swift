import Larkspur
import Planning

/// Forgets old sightings, once a day, one slice per turn.
struct SightingUpkeep {
  private var pass: ForgettingPass?
  private(set) var next: Moment = .zero

  /// How long a slice may take. Nobody else can write meanwhile, and backends that answer a callback
  /// wait for it.
  static let slice: Span = 5

  init() {}

  static let never = SightingUpkeep(next: .max)

  private init(next: Moment) { self.next = next }

  /// Continues from the last run, which forgot on this day.
  init(lastDone day: Int, _ clocks: Clocks, at now: Moment) {
    // If the wall clock was ahead on that day, it is no reason to wait for it.
    if day >= clocks.wall(now).day { next = Self.tomorrow(clocks, at: now) }
  }

  private static func tomorrow(_ clocks: Clocks, at now: Moment) -> Moment {
    clocks.queue(WallMoment.start(ofDay: clocks.wall(now).day + 1))
  }

  /// Whether a pass is under way and continues in the next turn.
  var isBusy: Bool { pass != nil }

  mutating func step(
    _ store: WorkerStore, at now: Moment, isTimeUp: () -> Bool
  ) throws(StoreError) {
    guard isBusy || now >= next else { return }
    var pass = pass ?? ForgettingPass(day: store.clocks.wall(now).day)
    let isDone = try store.forgetSightings(&pass, isTimeUp: isTimeUp)
    self.pass = isDone ? nil : pass
    guard isDone else { return }
    try store.noteForgot(day: pass.day)
    next = Self.tomorrow(store.clocks, at: now)
  }
}
