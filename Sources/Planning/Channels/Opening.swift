/// When something may go, and every reason why not earlier.
package struct Opening: Hashable, Sendable {
  /// These words are an interface: programs read them, so they do not change.
  package enum Reason: String, CaseIterable, Hashable, Sendable {
    case delay, slot, budget, quota, reserve, paused, parked
    case inFlight = "in_flight"
    case order, isolation, backoff, credentials, unconfigured
    case noWorker = "no_worker"
  }

  package struct Blocker: Hashable, Sendable {
    package let reason: Reason
    /// Nil when the moment is unknown because it depends on an answer or a person.
    package let until: Moment?
    /// Whether this reason sets the moment. The others end earlier.
    package fileprivate(set) var decides = false
  }

  /// Each reason appears once.
  package private(set) var because: [Blocker] = []
  private let now: Moment

  package init(at now: Moment) { self.now = now }

  /// The earliest moment, from `now` on. Nil if it depends on an event.
  package var at: Moment? {
    var latest = now
    for blocker in because {
      guard let until = blocker.until else { return nil }
      latest = max(latest, until)
    }
    return latest
  }

  package var isNow: Bool { because.isEmpty }

  /// JSON with each reason and its moment, or null. Reasons that concern the whole account are left
  /// out.
  package var ofChannel: String {
    JSONText.object(
      because.filter { $0.reason != .parked && $0.reason != .unconfigured }
        .map { ($0.reason.rawValue, $0.until.map { "\($0.ms)" } ?? "null") })
  }

  /// Adds a reason, unless it is already over.
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

  /// Without a reason that does not concern an urgent lane.
  package func exceptReserve() -> Opening {
    var opening = Opening(at: now)
    for blocker in because where blocker.reason != .reserve {
      opening.wait(for: blocker.reason, until: blocker.until)
    }
    return opening
  }

  /// Other lanes go first. As long as it is unknown how long they take, the moment stays the
  /// earliest possible one.
  package mutating func letOthersGoFirst(until moment: Moment? = nil) {
    because.removeAll { $0.reason == .order }
    guard let moment, moment > now else {
      return because.append(Blocker(reason: .order, until: now))
    }
    wait(for: .order, until: moment)
  }
}
