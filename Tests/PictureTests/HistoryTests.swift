import Testing

@testable import Picture

struct DelaysTests {
  private func delays(_ waits: [(Int, Int)]) -> Delays {
    Delays(waits.map { QueueHistory.Wait(place: 0, waited_ms: $0.0, asks: $0.1) })
  }

  @Test func `a percentile is a wait that so many did not exceed`() {
    let delays = delays([(10, 50), (20, 49), (9_000, 1)])
    #expect(delays.percentile(50) == 10 && delays.percentile(99) == 20)
    #expect(delays.percentile(100) == 9_000 && delays.worst_ms == 9_000 && delays.asks == 100)
  }

  @Test func `without asks there is none`() {
    #expect(delays([]).percentile(50) == nil && delays([]).worst_ms == nil)
  }
}

struct StretchesTests {
  private func range(_ from: Int, _ to: Int) -> QueueHistory.Range {
    .init(from_ms: from, to_ms: to)
  }

  @Test func `ranges that touch or overlap become one`() {
    #expect(
      QueueHistory.joined([range(5, 9), range(0, 3), range(3, 4), range(6, 7), range(20, 21)])
        == [range(0, 4), range(5, 9), range(20, 21)])
  }

  @Test func `runs of cron leave no gaps, and a longer silence does`() {
    var history = Example.history()
    let step = history.window.step_ms
    history.stretches = [
      .init(.run, began_ms: 0, ended_ms: Example.now - 20 * step),
      .init(.run, began_ms: Example.now - 20 * step + step / 2, ended_ms: Example.now - 10 * step),
      .init(.run, began_ms: Example.now - 5 * step, ended_ms: nil),
    ]
    #expect(history.withoutWorker == [range(Example.now - 10 * step, Example.now - 5 * step)])
  }

  @Test func `what stops an account's access tokens stops its channels, and no other account's`() {
    var history = Example.history()
    let mine = Example.channel([], of: "a")
    history.stretches = [
      .init(
        .pause, account: "a", api: "auth", began_ms: Example.now - 900, ended_ms: Example.now - 800),
      .init(
        .pause, account: "a", api: "card", began_ms: Example.now - 700, ended_ms: Example.now - 600),
      .init(.parking, account: "a", began_ms: Example.now - 500, ended_ms: nil),
      .init(.parking, account: "b", began_ms: Example.now - 5_000, ended_ms: nil),
    ]
    #expect(
      history.stopped(mine) == [
        range(Example.now - 900, Example.now - 800), range(Example.now - 500, Example.now),
      ])
  }

  @Test func `a planned end that has not come is not shown`() {
    var history = Example.history()
    history.stretches = [
      .init(
        .pause, account: "default", api: "preview", began_ms: Example.now - 60_000,
        ended_ms: Example.now + 99_000_000)
    ]
    #expect(history.stopped(Example.channel([])) == [range(Example.now - 60_000, Example.now)])
  }
}

struct ChannelTests {
  @Test(
    arguments: [
      ([(5, 1_000)], 1_000, 5), ([(5, 1_000)], 500, 5), ([(5, 1_000)], 60_000, 300),
      ([(5, 1_000), (100, 60_000)], 60_000, 100),
    ] as [([(Int, Int)], Int, Int)])
  func `a bar holds what the limits allow in its time`(limits: [(Int, Int)], span: Int, most: Int) {
    let channel = QueueHistory.Channel(
      account: "a", api: "preview", limits: limits.map { .init(calls: $0.0, per_ms: $0.1) },
      counts: [])
    #expect(channel.most(in: span) == most)
  }

  @Test(
    arguments: [
      ("delivered", .delivered), ("limited", .limited), ("quota", .limited), ("refused", .refused),
      ("parked", .refused), ("unreachable", .failed), ("unknown", .failed), (nil, .open),
    ] as [(String?, CallEnd)])
  func `an outcome has a colour`(outcome: String?, end: CallEnd) {
    #expect(CallEnd(outcome: outcome) == end)
  }
}
