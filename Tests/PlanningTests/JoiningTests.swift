import Planning
import Testing

/// What becomes of a new ask, and of the lane that it joins.
struct JoiningTests {
  private let now = Moment(ms: 1_000_000)

  private func admission(
    after: Span = 0, due: Moment? = nil, expires: Moment? = nil, kind: String = "preview"
  ) -> Admission {
    Admission(
      AskRow(account: "default", kind: kind, lane: "t", after: after), due: due ?? now,
      expires: expires, at: now)
  }

  @Test func `an ask joins its lane once it is due`() {
    #expect(admission() == .joins(.preview))
    #expect(admission(due: now + 1) == .waits(until: now + 1))
  }

  @Test func `at the moment at which it expires it is sent no more`() {
    #expect(admission(expires: now) == .expires)
    #expect(admission(expires: now + 1) == .joins(.preview))
  }

  @Test func `one that waits is held although it will have expired by then`() {
    #expect(admission(due: now + 5, expires: now + 3) == .waits(until: now + 5))
  }

  @Test func `a row that cannot be used dies, whatever its moments say`() {
    guard case .dies = admission(due: now + 5, kind: "poster") else {
      Issue.record("it did not die")
      return
    }
  }

  private func joining(
    _ lane: FoundLane?, asked: Moment? = nil, expires: Moment? = nil, isShared: Bool = true
  ) -> Joining {
    Joining(lane, asked: asked ?? now - 10, expires: expires, isShared: isShared, at: now)
  }

  @Test func `a new lane has been due since its first ask`() {
    #expect(joining(nil) == .begins(ready: now - 10))
    #expect(joining(nil, asked: Moment(ms: -5)) == .begins(ready: Moment(ms: -5)))
  }

  @Test func `an idle lane is due at its slot, but not before it is asked for`() {
    #expect(joining(FoundLane(state: .idle, slot: now + 3)) == .begins(ready: now + 3))
    #expect(joining(FoundLane(state: .idle, slot: now - 90)) == .begins(ready: now - 10))
  }

  @Test func `a slot that no call can have charged keeps it for a minute at most`() {
    #expect(
      joining(FoundLane(state: .idle, slot: now + .hours(1))) == .begins(ready: now + .hours(1)))
    #expect(
      joining(FoundLane(state: .idle, slot: now + .hours(1) + 1))
        == .begins(ready: now + .minutes(1)))
  }

  @Test func `a lane is looked at when the first of its asks expires`() {
    func expires(_ lane: Moment?, _ ask: Moment?) -> Moment? {
      let found = FoundLane(state: .waiting, slot: .zero, .init(expires: lane))
      guard case .joins(let standing) = joining(found, expires: ask) else { return nil }
      return standing.expires
    }
    #expect(expires(nil, nil) == nil)
    #expect(expires(nil, now + 5) == now + 5)
    #expect(expires(now + 5, nil) == now + 5)
    #expect(expires(now + 5, now + 9) == now + 5)
    #expect(expires(now + 9, now + 5) == now + 5)
  }

  @Test func `an ask that joins a lane which has often failed leaves it some attempts`() {
    func attempts(_ state: FoundLane.State, _ attempts: Int, isShared: Bool = true) -> Int? {
      let found = FoundLane(state: state, slot: .zero, .init(attempts: attempts))
      guard case .joins(let standing) = joining(found, isShared: isShared) else { return nil }
      return standing.attempts
    }
    #expect(attempts(.waiting, 7) == RetryPolicy.attemptsKept)
    #expect(attempts(.waiting, 1) == 1)
    // What is in flight may be what fails. A parcel counts its own attempts.
    #expect(attempts(.inFlight, 7) == 7)
    #expect(attempts(.waiting, 7, isShared: false) == 7)
  }
}
