import Planning
import Testing

@testable import Delivery

/// What the heartbeat says of accounts that are stuck.
struct BeatStateTests {
  private func look(at moment: Int) -> Heartbeat.Look {
    .init(wall: .zero, sinceBoot: BootMoment(ms: moment), next: BootMoment(ms: moment + 10))
  }

  private func stuck(_ reason: Stuck.Reason, why: String = "no") -> [Stuck] {
    [Stuck(reason, account: "default", why: why)]
  }

  /// What is written down within a second of the first look.
  private func written(_ first: [Stuck], _ next: [Stuck]) -> Heartbeat.Look? {
    var beats = BeatState()
    beats.note(1, first)
    _ = beats.take(look(at: 0))
    beats.note(1, next)
    return beats.take(look(at: 1))
  }

  @Test func `another reason is written at once`() {
    #expect(written(stuck(.unreachable), stuck(.failing))?.stuck == stuck(.failing))
  }

  @Test func `other words for the same reason are not`() {
    #expect(written(stuck(.failing), stuck(.failing, why: "502")) == nil)
  }
}
