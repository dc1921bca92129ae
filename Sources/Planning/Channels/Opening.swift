/// When something may go, and every reason why not before.
package struct Opening: Hashable, Sendable {
  /// The words are an interface: programs read them, and they do not change.
  package enum Reason: String, CaseIterable, Hashable, Sendable {
    case delay, slot, budget, quota, paused, parked
    case inFlight = "in_flight"
    case order, isolation, backoff, credentials, unconfigured
    case noWorker = "no_worker"
  }

  package struct Blocker: Hashable, Sendable {
    package let reason: Reason
    /// Nil while nobody can know: an answer is awaited, or a person.
    package let until: Moment?
    /// Whether it is this one that is waited for, and not another that lasts longer.
    package fileprivate(set) var decides = false
  }

  /// Each reason once.
  package private(set) var because: [Blocker] = []
  private let now: Moment

  package init(at now: Moment) { self.now = now }

  /// The earliest moment, from `now` on; nil while only an event can tell.
  package var at: Moment? {
    var latest = now
    for blocker in because {
      guard let until = blocker.until else { return nil }
      latest = max(latest, until)
    }
    return latest
  }

  package var isNow: Bool { because.isEmpty }

  /// As JSON: each reason with its moment, or null. Without what concerns the whole account.
  package var ofChannel: String {
    JSONText.object(
      because.filter { $0.reason != .parked && $0.reason != .unconfigured }
        .map { ($0.reason.rawValue, $0.until.map { "\($0.ms)" } ?? "null") })
  }

  /// Adds a reason, unless it is over.
  package mutating func wait(for reason: Reason, until moment: Moment?) {
    if let moment, moment <= now { return }
    if let place = because.firstIndex(where: { $0.reason == reason }) {
      let other = because[place].until
      let later = other.flatMap { other in moment.map { max(other, $0) } }
      because[place] = Blocker(reason: reason, until: later)
    } else {
      because.append(Blocker(reason: reason, until: moment))
    }
    let last = at
    for place in because.indices { because[place].decides = because[place].until == last }
  }

  /// Others go first. When their turn is over nobody knows, but it is not before: the moment stays the earliest.
  package mutating func letOthersGoFirst() {
    because.append(Blocker(reason: .order, until: now))
  }
}
