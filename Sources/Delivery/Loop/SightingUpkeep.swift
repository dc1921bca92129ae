import Larkspur
import Planning

/// Forgets old sightings, once a day, one slice per turn.
struct SightingUpkeep {
  private var pass: (pass: ForgettingPass, began: Moment)?
  private var days = ForgettingDays(last: 0, began: .zero)
  private(set) var next: Moment = .zero

  /// How long a slice may take. Nobody else can write meanwhile, and backends that answer a callback
  /// wait for it.
  static let slice: Span = 5

  init() {}

  static let never = SightingUpkeep(next: .max)

  private init(next: Moment) { self.next = next }

  /// Continues from the last pass of any run.
  init(_ days: ForgettingDays, at now: Moment) {
    self.days = days
    next = days.next(at: now)
  }

  /// Whether a pass is under way and continues in the next turn.
  var isBusy: Bool { pass != nil }

  mutating func step(
    _ store: WorkerStore, at now: Moment, isTimeUp: () -> Bool
  ) throws(StoreError) {
    guard isBusy || now >= next else { return }
    let wall = store.clocks.wall(now).day
    let began = pass?.began ?? now
    var pass = pass?.pass ?? ForgettingPass(days, wall: wall)
    let isDone = try store.forgetSightings(&pass, isTimeUp: isTimeUp)
    self.pass = isDone ? nil : (pass, began)
    guard isDone else { return }
    days.end(today: pass.today, oldest: pass.oldest, wall: wall, began: began)
    try store.note(days)
    next = days.next(at: now)
  }
}
