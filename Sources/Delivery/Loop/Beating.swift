import Larkspur
import Planning

/// What the loop keeps in order to say how it is doing.
struct BeatState {
  var lastCall: Moment?
  var lastSuccess: Moment?
  /// Accounts that are stuck, by their number.
  private var stuck: [Int: [Stuck]] = [:]
  /// Why the queue cannot be written.
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

  /// The look with what is stuck, if it is to be written down.
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

/// A worker says how it is doing when it has looked at the queue. It never wakes for that, and nothing waits
/// for it.
extension Worker {
  /// `span` is how long it may be until the next look.
  func beat(nextIn span: Span) {
    guard let onBeat else { return }
    let clocks = world.clocks()
    let look = Heartbeat.Look(
      wall: clocks.wall, sinceBoot: clocks.sinceBoot, next: clocks.sinceBoot + span,
      lastCall: beats.lastCall.map(store.clocks.wall),
      lastSuccess: beats.lastSuccess.map(store.clocks.wall))
    if let look = beats.take(look) { onBeat(look) }
  }

  /// After a look that found the queue in order.
  func beat() {
    if onBeat == nil { return }
    let now = now()
    refreshTimers(at: now)
    beat(nextIn: waitSpan(at: now))
  }

  /// An account has changed, or has gone.
  func noteStuck(_ id: Int, _ account: AccountState?) {
    if onBeat == nil { return }
    beats.note(id, account?.signs.stuck ?? [])
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
