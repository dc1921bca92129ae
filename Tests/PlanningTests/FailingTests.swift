import Planning
import Testing

/// What failed calls say about their channel.
struct FailingTests {
  private var health = Health()

  /// A call that started `span` before it failed at `moment`. Dice of 0 give the shortest waits.
  private mutating func fail(_ failing: Failing, at moment: Int, after span: Int = 1) -> Span? {
    health.failed(failing, started: Moment(moment - span), at: Moment(moment), dice: 0)
  }

  private func refusal(_ lanes: Int..., isDocumented: Bool = true) -> Failing {
    .refusal(lanes: lanes, isDocumented: isDocumented)
  }

  @Test
  mutating func `three failures of the host may be the fault of the calls, and a fourth is not`() {
    let pauses = (1...4).map { fail(.host, at: $0 * 100) }
    #expect(pauses == [nil, nil, nil, .seconds(1)])
  }

  @Test mutating func `calls in flight that fail together count once`() {
    _ = fail(.host, at: 100, after: 50)
    _ = fail(.host, at: 101, after: 50)
    #expect(health.failures == 1)
    // This one started when the failure was known.
    _ = fail(.host, at: 150, after: 50)
    #expect(health.failures == 2)
  }

  @Test mutating func `a refusal shows that the host does not fail`() {
    _ = fail(.host, at: 100)
    _ = fail(.host, at: 200)
    _ = fail(refusal(1), at: 300)
    #expect(health.failures == 0)
    #expect(health.refusals == 1)
  }

  @Test
  mutating func `the trial calls of an outage are not counted against what is refused after it`() {
    for call in 1...8 { _ = fail(.unreachable, at: call * 10_000) }
    #expect(health.probes == 7)
    #expect(fail(refusal(1, 2), at: 100_000) == nil)
    #expect(health.probes == nil && !health.isRefusing)
  }

  @Test mutating func `an outage in between does not make up for what is refused`() throws {
    for call in 1...20 { _ = fail(refusal(call), at: call * 10_000) }
    let probes = try #require(health.probes)
    for call in 21...24 { _ = fail(.host, at: call * 10_000) }
    #expect(fail(refusal(25), at: 250_000) == .minutes(10))
    #expect(health.probes ?? 0 > probes)
  }

  @Test mutating func `a first refusal counts although its call began before the last failure`() {
    _ = fail(.host, at: 200)
    _ = fail(refusal(1, 2), at: 201, after: 50)
    _ = fail(refusal(3, 4), at: 202, after: 50)
    #expect(health.refusals == 1)
  }

  @Test mutating func `one lane is to blame for as long as no other was refused`() {
    _ = fail(refusal(1), at: 100)
    _ = fail(refusal(1), at: 200)
    #expect(health.refusedLane == 1)
    _ = fail(refusal(2), at: 300)
    #expect(health.refusedLane == nil)
    _ = fail(refusal(2), at: 400)
    #expect(health.refusedLane == nil)
  }

  @Test mutating func `a call with several lanes blames none of them`() {
    _ = fail(refusal(1, 2), at: 100)
    #expect(health.refusedLane == nil)
  }

  @Test mutating func `one lane that is refused again and again does not pause the others`() {
    let pauses = (1...20).map { fail(refusal(1), at: $0 * 100) }
    #expect(pauses.allSatisfy { $0 == nil })
    #expect(health.probes == nil)
  }

  @Test mutating func `lanes of all kinds that are refused pause the channel, ever longer`() {
    var pauses: [Span] = []
    for call in 1...14 {
      if let pause = fail(refusal(call), at: call * 100) { pauses.append(pause) }
    }
    #expect(
      pauses == [
        .seconds(5), .seconds(30), .minutes(2), .minutes(10), .minutes(10), .minutes(10),
      ])
  }

  @Test mutating func `too many calls are no failed trial`() {
    health.probes = 1
    _ = fail(.limit, at: 100)
    #expect(health.probes == 1)
    _ = fail(.host, at: 200)
    #expect(health.probes == 2)
  }

  @Test mutating func `a success ends it, but calls from before the failure still belong to it`() {
    _ = fail(.host, at: 100)
    health.succeeded(at: 200)
    #expect(!health.isFailing)
    #expect(health.recoveredAt == Moment(200))
    _ = fail(.host, at: 300, after: 250)
    #expect(health.failedAt == Moment(100))
  }

  @Test mutating func `an answer that is not Feishu's begins a series of its own`() {
    for call in 1...5 { _ = fail(.host, at: call * 100) }
    _ = fail(.foreign, at: 600)
    #expect(health.failures == 1)
    #expect(health.foreignSince == Moment(600))
    _ = fail(.foreign, at: 700)
    #expect(health.failures == 2)
    #expect(health.foreignSince == Moment(600))
  }

  @Test mutating func `after two minutes without a call it begins again`() {
    _ = fail(.foreign, at: 100)
    _ = fail(.foreign, at: 100 + 120_000)
    #expect(health.foreignSince == Moment(100 + 120_000))
  }

  @Test mutating func `where Feishu once answered, something else is given five minutes`() {
    health.foreignSince = 0
    health.probes = 3
    #expect(!health.isElsewhere(isProven: true, at: Moment(299_999)))
    #expect(health.isElsewhere(isProven: true, at: Moment(300_000)))
  }

  @Test mutating func `where it never did, three trials`() {
    health.foreignSince = 0
    health.probes = 2
    #expect(!health.isElsewhere(isProven: false, at: 1))
    health.probes = 3
    #expect(health.isElsewhere(isProven: false, at: 1))
  }
}
