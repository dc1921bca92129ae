import Larkspur
import Planning

/// What the loop remembers for its heartbeat.
struct BeatState {
  var lastCall: Moment?
  var lastSuccess: Moment?
  /// Stuck accounts, by account number.
  private var stuck: [Int: [Stuck]] = [:]
  /// Why the queue cannot be written; nil if it can.
  var storeTrouble: String? {
    didSet { if (oldValue == nil) != (storeTrouble == nil) { news += 1 } }
  }
  private var news = 0
  private var pace = HeartbeatPace()

  mutating func note(_ id: Int, _ found: [Stuck]) {
    let last = stuck[id] ?? []
    if last.map(\.reason) != found.map(\.reason) { news += 1 }
    stuck[id] = found.isEmpty ? nil : found
  }

  /// The look, completed with what is stuck. Nil if it need not be written.
  mutating func take(_ look: Heartbeat.Look) -> Heartbeat.Look? {
    guard pace.wants(look, news: news) else { return nil }
    var look = look
    look.stuck = storeTrouble.map { [Stuck(.queue, account: nil, why: $0)] } ?? []
    let count = look.stuck.count + stuck.values.reduce(0) { $0 + $1.count }
    let most = Heartbeat.Look.stuckMost
    for id in stuck.keys.sorted() where look.stuck.count < most { look.stuck += stuck[id] ?? [] }
    look.stuck = Array(look.stuck.prefix(most))
    look.stuckMore = count - look.stuck.count
    return look
  }
}

/// The heartbeat is written after the worker has looked at the queue. The worker never wakes up
/// just for that, and nothing waits for it.
extension Worker {
  /// `span` is the longest time until the next look.
  func beat(nextIn span: Span) {
    guard let onBeat else { return }
    let clocks = world.clocks()
    let look = Heartbeat.Look(
      wall: clocks.wall, sinceBoot: clocks.sinceBoot, next: clocks.sinceBoot + span,
      lastCall: beats.lastCall.map(store.clocks.wall),
      lastSuccess: beats.lastSuccess.map(store.clocks.wall))
    if let look = beats.take(look) { onBeat(look) }
  }

  /// For a look that found the queue usable. `standBy` beats when it is not.
  func beat() {
    if onBeat == nil { return }
    let now = now()
    refreshTimers(at: now)
    beat(nextIn: waitSpan(at: now))
  }

  /// Records whether an account is stuck. `account` is nil if it is gone.
  func noteStuck(_ id: Int, _ account: AccountState?) {
    if onBeat == nil { return }
    // Nobody works for an account that was removed, so it cannot be stuck.
    let isWorked = account?.isConfigured ?? false
    beats.note(id, isWorked ? account?.signs.stuck ?? [] : [])
  }
}

extension AccountState {
  var signs: AccountSigns {
    AccountSigns(
      name: settings.name, noAppSecret: missing.app, noUserToken: missing.user, parked: parked,
      unreachable: unreachable, tokenFailure: tokenFailure, login: login.health,
      channels: Array(channels.values))
  }
}
