import Testing

@testable import Planning

struct HeartbeatTests {
  /// A worker that looked at 1,000 s and will look again after `span`.
  private func heartbeat(next span: Span = .minutes(1), boot: String? = "boot-1") -> Heartbeat {
    let looked = BootMoment(ms: 1_000_000)
    return Heartbeat(
      pid: 7, version: "1", boot: boot, started: .zero,
      look: .init(wall: WallMoment(ms: 5_000), sinceBoot: looked, next: looked + span))
  }

  private func pulse(
    _ heartbeat: Heartbeat, after span: Span, boot: String? = "boot-1", asksWait: Span? = nil,
    wall: Int = 0
  ) -> Pulse {
    let reading = ClockReading(
      wall: WallMoment(ms: wall), sinceBoot: heartbeat.look.sinceBoot + span, boot: boot)
    return heartbeat.pulse(at: reading, asksWait: asksWait)
  }

  @Test func `an idle worker works, although its last look is old`() {
    #expect(pulse(heartbeat(), after: 59_000) == .working)
  }

  @Test func `a worker that has not looked when it meant to does not respond`() {
    #expect(pulse(heartbeat(next: 5_000), after: 5_000 + Heartbeat.grace) == .working)
    #expect(pulse(heartbeat(next: 5_000), after: 5_001 + Heartbeat.grace) == .notResponding)
  }

  @Test func `a worker that an ask did not wake does not respond`() {
    let grace = Heartbeat.grace
    #expect(pulse(heartbeat(), after: grace + 1, asksWait: grace + 1) == .notResponding)
    // It may be about to look at them.
    #expect(pulse(heartbeat(), after: grace + 1, asksWait: grace) == .working)
    // There are very many asks, and it has just looked at others.
    #expect(pulse(heartbeat(), after: grace, asksWait: .hours(1)) == .working)
  }

  @Test func `the wall clock may be set, and it is the same`() {
    #expect(pulse(heartbeat(), after: 1_000, wall: .max / 2) == .working)
    #expect(pulse(heartbeat(), after: 90_000, wall: -50_000) == .notResponding)
  }

  @Test(arguments: [("boot-2", "boot-1"), (nil, nil), ("boot-1", nil)] as [(String?, String?)])
  func `of clocks that cannot be compared nothing is claimed`(own: String?, other: String?) {
    #expect(pulse(heartbeat(boot: own), after: .days(9), boot: other) == .unknown)
  }

  @Test func `nor of a look that is yet to come`() {
    #expect(pulse(heartbeat(), after: -1) == .unknown)
  }

  @Test func `the next look is told on the wall clock`() {
    #expect(heartbeat(next: 2_500).next == WallMoment(ms: 7_500))
  }
}

struct HeartbeatPaceTests {
  private func look(at moment: Int, next span: Span, called: Int? = nil) -> Heartbeat.Look {
    .init(
      wall: .zero, sinceBoot: BootMoment(ms: moment), next: BootMoment(ms: moment + span),
      lastCall: called.map { WallMoment(ms: $0) })
  }

  private func written(_ looks: [Heartbeat.Look]) -> [Bool] {
    var pace = HeartbeatPace()
    return looks.map { pace.wants($0, news: 0) }
  }

  @Test func `a busy worker writes once a second`() {
    let looks = (0..<5_000).map { look(at: $0, next: 1, called: $0) }
    let moments = zip(looks, written(looks)).filter(\.1).map(\.0.sinceBoot.ms)
    #expect(moments == [0, 1_000, 2_000, 3_000, 4_000])
  }

  @Test func `what has got stuck is written at once`() {
    var pace = HeartbeatPace()
    let isWritten = [0, 0, 1, 1, 0].enumerated().map { moment, news in
      pace.wants(look(at: moment, next: 1), news: news)
    }
    #expect(isWritten == [true, false, true, false, true])
  }

  @Test func `before a long wait it writes when it looks again`() {
    #expect(
      written([
        look(at: 0, next: 10), look(at: 5, next: 500), look(at: 7, next: 60_000),
        // A repetition so soon is not written.
        look(at: 9, next: 60_000),
      ]) == [true, false, true, false])
  }

  @Test func `before a long wait it writes which call was the last`() {
    #expect(
      written([look(at: 0, next: 60_000), look(at: 50, next: 59_950, called: 20)]) == [true, true])
  }
}
