import Planning
import Testing

@testable import Sharing

/// How often a run looks at the shared queue, and asks for new asks.
struct LookPaceTests {
  private func pace(busyAt moment: Int) -> LookPace {
    var pace = LookPace()
    pace.looks(mayDoze: false, at: BootMoment(ms: moment))
    pace.noteActivity(at: BootMoment(ms: moment))
    return pace
  }

  @Test func `a run at work looks before others could take it for gone`() {
    let pace = pace(busyAt: 10_000)
    #expect(pace.nextLook <= BootMoment(ms: 10_000 + Watching.interval))
  }

  @Test func `a run that has had nothing to do for a while looks rarely`() {
    var pace = pace(busyAt: 10_000)
    pace.looks(mayDoze: true, at: BootMoment(ms: 11_500))
    #expect(pace.isAsleep)
    #expect(pace.nextLook == BootMoment(ms: 13_500))
  }

  @Test func `it stays awake while accounts come or go`() {
    var pace = pace(busyAt: 10_000)
    pace.looks(mayDoze: false, at: BootMoment(ms: 11_500))
    #expect(!pace.isAsleep)
  }

  @Test func `whatever it writes tells the others that it is awake, so it beats again soon`() {
    var pace = pace(busyAt: 10_000)
    pace.looks(mayDoze: true, at: BootMoment(ms: 11_500))
    pace.noteActivity(at: BootMoment(ms: 11_501))
    #expect(!pace.isAsleep)
    #expect(pace.nextLook <= BootMoment(ms: 11_501 + Watching.interval))
  }

  @Test func `asleep and woken by the server, it asks for nothing until then`() {
    var pace = pace(busyAt: 10_000)
    pace.looks(mayDoze: true, at: BootMoment(ms: 11_500))
    pace.hasPulled(isWoken: true, at: BootMoment(ms: 11_501))
    #expect(pace.next == pace.nextLook)
  }

  @Test func `asleep behind a pooler, it asks ten times a second`() {
    var pace = pace(busyAt: 10_000)
    pace.looks(mayDoze: true, at: BootMoment(ms: 11_500))
    pace.hasPulled(isWoken: false, at: BootMoment(ms: 11_501))
    #expect(pace.nextPull == BootMoment(ms: 11_601))
  }
}
