import Larkspur
import Planning

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Claims calls until no lane wants anything, each answered with success before the next. No Feishu
/// is involved: this measures how many calls there are, and how long each claim keeps the queue
/// locked.
struct Draining {
  private(set) var calls = 0
  /// The cost of each claim in seconds of processor time, because other programs may use the
  /// processor too.
  private(set) var claims: [Double] = []

  /// Calls per transaction. It does not matter here when they are on disk.
  private static let together = 100
  /// 5 calls a second.
  private static let pace: Span = 200

  init(_ filling: Filling, packing: Packing) throws {
    let store = try WorkerStore(queue: filling.path)
    let channel = Channel(
      account: try store.transaction { () throws(StoreError) in try store.account("default") },
      kind: .preview)
    var now: Moment? = filling.start
    while let begin = now {
      now = try store.transaction { () throws(StoreError) in
        try drain(store, channel, packing, from: begin)
      }
    }
    let left = try Intake(queue: filling.path).db.first(
      "select count(*) from ask where outcome is not 'delivered'"
    ) { (row) throws(StoreError) in row.int(0) }
    if left != 0 { throw Wrong(what: "\(left ?? 0) asks are still open and no lane is due") }
  }

  private static var processorTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  struct Wrong: Error { let what: String }

  /// When to go on; nil when everything is done.
  private mutating func drain(
    _ store: WorkerStore, _ channel: Channel, _ packing: Packing, from begin: Moment
  ) throws(StoreError) -> Moment? {
    var now = begin
    for _ in 0..<Self.together {
      var settled = Settled()
      let began = Self.processorTime
      let flight = try store.claim(
        channel, [.urgent, .ordinary], packing: packing, PackingTerms.unused, at: now, horizon: now,
        timeout: 10_000,
        &settled)
      let took = Self.processorTime - began
      guard let flight else { return try store.nextReady(channel).any.map { max($0, now) } }
      calls += 1
      claims.append(took)
      try settle(flight, store, at: now)
      now += Self.pace
    }
    return now
  }

  private func settle(
    _ flight: ClaimedCall, _ store: WorkerStore, at now: Moment
  ) throws(StoreError) {
    let answer = Answer.reply(Reply(status: 200, code: 0))
    let settlement = flight.settle(
      answer, .delivered, at: now,
      Circumstances(isIdle: false, isAlone: false, health: Health()), PackingTerms.unused)
    let record = CallRecord(outcome: "delivered", sent: now, status: 200, code: 0)
    try store.finish(call: flight.id, record, at: now)
    _ = try store.settle(flight, SettlingAhead(settlement), reason: "", at: now)
  }

  /// The time of a claim at this percentile, for example 0.5 for the median.
  func microseconds(at share: Double) -> Double {
    guard !claims.isEmpty else { return 0 }
    let place = min(claims.count - 1, Int(share * Double(claims.count)))
    return (claims.sorted()[place] * 1e6).rounded()
  }
}

extension PackingTerms {
  /// Packing previews uses no random numbers.
  fileprivate static let unused = PackingTerms(joins: true, secondsSince1970: 0, dice: [0, 0])
}
