import Chance
import Planning
import Testing

@testable import Larkspur

/// Compares the calls that the store's own claims make with the fewest possible. For small crowds
/// every way is tried.
struct FewestCallsTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Exact packing, and that of an account with `cover`.
  static let packings = [Packing.exact, .cover(extraPairsMax: Packing.defaultExtraPairsMax)]

  /// Each lane whose audience fits into one call goes in one call: that is promised, so that no
  /// user waits five seconds more. Of all such ways `exact` finds the best. `cover` sees only one
  /// call at a time and occasionally needs one more.
  @Test(arguments: packings) func `lanes that go in one call`(packing: Packing) throws {
    var (made, fewest) = (0, 0)
    for seed in 0..<60 as Range<UInt64> {
      var dice = Dice(seed)
      let crowd = SmallCrowd(parts: 7, partsMax: 5, people: 20, audiences: 4, lanes: 1...5, &dice)
      let possible = WholeLanes(crowd, packing).fewest()
      let calls = try drain(crowd, packing, account: "crowd-\(seed)")
      #expect(calls >= possible && calls <= possible + (packing == .exact ? 0 : 1), "seed \(seed)")
      made += calls
      fewest += possible
    }
    let most = packing == .exact ? 1 : 1.05
    #expect(Double(made) <= Double(fewest) * most, "\(made) calls instead of \(fewest)")
  }

  /// Here the fewest calls may cut a lane in any way, even into more calls than it needs, if that
  /// saves a call for another lane. The store does not cut a lane that fits into one call, and cuts
  /// a large one by what is due at that moment. So it makes 1.09 times the fewest calls, and 1.23
  /// times with `cover`, because every pair of these lanes has users in common.
  @Test(arguments: packings) func `lanes that are cut in any way`(packing: Packing) throws {
    var (made, fewest) = (0, 0)
    for seed in 0..<60 as Range<UInt64> {
      var dice = Dice(seed)
      let crowd = SmallCrowd(parts: 5, partsMax: 5, people: 50, audiences: 3, lanes: 1...1, &dice)
      let possible = AnyCuts(crowd, packing).fewest()
      let calls = try drain(crowd, packing, account: "crowd-\(seed)")
      #expect(calls >= possible && calls <= possible + 2, "seed \(seed)")
      made += calls
      fewest += possible
    }
    let most = packing == .exact ? 1.1 : 1.25
    #expect(Double(made) <= Double(fewest) * most, "\(made) calls instead of \(fewest)")
  }

  /// How many calls the store makes if each is answered with success before the next.
  private func drain(_ crowd: SmallCrowd, _ packing: Packing, account: String) throws -> Int {
    let intake = try Intake(queue: folder.queue)
    _ = try intake.add(
      crowd.lanes.enumerated().map { number, parts in
        Ask.preview(
          "lane_\(number)", for: .people(crowd.people(in: parts)), account: account)
      })
    let store = try WorkerStore(queue: folder.queue)
    return try store.transaction { () throws(StoreError) in
      var now: Moment = 4_000_000_000_000
      _ = try store.fold(at: now, limit: 1_000)
      let channel = Channel(account: try store.account(account), kind: .preview)
      var calls = 0
      while let ready = try store.nextReady(channel).any {
        now = max(now, ready)
        var settled = Settled()
        let flight = try store.claim(
          channel, [.urgent, .ordinary], packing: packing, .any, at: now, horizon: now,
          timeout: 10_000, &settled)
        guard let flight else { continue }
        calls += 1
        let fates = Settlement(slot: now + 5_005, fates: flight.lanes.map { _ in .delivered })
        _ = try store.settle(
          flight, fates, CallRecord(outcome: "delivered"), reason: "", at: now)
        now += 200
      }
      return calls
    }
  }
}

/// A few lanes whose users come in parts: a lane wants all of a part or none of it.
struct SmallCrowd {
  /// One number for each lane, with a bit for each part that it wants.
  let lanes: [Int]
  let people: Int

  init(
    parts: Int, partsMax: Int, people: Int, audiences: Int, lanes: ClosedRange<Int>,
    _ dice: inout Dice
  ) {
    self.people = people
    var all: [Int] = []
    for _ in 0..<audiences {
      let size = Int.random(in: 1...partsMax, using: &dice)
      let audience = (0..<parts).shuffled(using: &dice).prefix(size).reduce(0) { $0 | 1 << $1 }
      all += Array(repeating: audience, count: Int.random(in: lanes, using: &dice))
    }
    self.lanes = all.shuffled(using: &dice)
  }

  func people(in parts: Int) -> [String] {
    (0..<Int.bitWidth - 1).filter { parts & 1 << $0 != 0 }.flatMap { part in
      (0..<people).map { "ou_\(1_000 + part * people + $0)" }
    }
  }

  /// Whether a call may reach this many users.
  func fits(_ parts: Int) -> Bool { parts.nonzeroBitCount * people <= Preview.peoplePerCall }
}

/// Tries every way to send each lane in one call.
private struct WholeLanes {
  private let crowd: SmallCrowd
  private let packing: Packing
  private let audiences: [Int]
  private var known: [[Int]: Int] = [:]

  init(_ crowd: SmallCrowd, _ packing: Packing) {
    self.crowd = crowd
    self.packing = packing
    audiences = Set(crowd.lanes).sorted()
  }

  func fewest() -> Int {
    var search = self
    return search.fewest(for: audiences.map { audience in crowd.lanes.count { $0 == audience } })
  }

  private mutating func fewest(for counts: [Int]) -> Int {
    guard let first = counts.firstIndex(where: { $0 > 0 }) else { return 0 }
    if let known = known[counts] { return known }
    // The order of calls does not matter: one of them takes a lane of the first audience.
    var best = Int.max
    for call in calls(counts, from: first) where call[first] > 0 {
      best = min(best, 1 + fewest(for: zip(counts, call).map { $0 - $1 }))
    }
    known[counts] = best
    return best
  }

  /// The numbers of lanes of each audience that one call can take.
  private func calls(_ counts: [Int], from place: Int) -> [[Int]] {
    var calls = [Array(repeating: 0, count: counts.count)]
    for place in place..<counts.count {
      calls = calls.flatMap { call in
        (0...counts[place]).compactMap { taken in
          var call = call
          call[place] = taken
          return isAllowed(call) ? call : nil
        }
      }
    }
    return calls
  }

  private func isAllowed(_ call: [Int]) -> Bool {
    let taken = call.indices.filter { call[$0] > 0 }
    let all = taken.reduce(0) { $0 | audiences[$1] }
    guard call.reduce(0, +) <= Preview.tokensPerCall, crowd.fits(all) else { return false }
    return packing != .exact || taken.count <= 1
  }
}

/// Tries every way to cut lanes, if there are fewer than a call has room for. Starts from
/// everything that is wanted, and goes through what can be left after one call, two calls, three…
private struct AnyCuts {
  private let crowd: SmallCrowd
  private let packing: Packing

  init(_ crowd: SmallCrowd, _ packing: Packing) {
    self.crowd = crowd
    self.packing = packing
  }

  func fewest() -> Int {
    let wanted = crowd.lanes.reduce(0) { $0 | $1 }
    let pieces = (1...wanted).filter { $0 & ~wanted == 0 && crowd.fits($0) }
    var (left, calls) = (Set([crowd.lanes]), 0)
    while !left.contains(where: { $0.allSatisfy { $0 == 0 } }) {
      calls += 1
      left = Set(left.flatMap { lanes in pieces.map { send($0, to: lanes) } })
    }
    return calls
  }

  /// Sends to every lane that may be in a call to these users. Leaving one out never helps.
  private func send(_ piece: Int, to lanes: [Int]) -> [Int] {
    lanes.map { packing == .exact && piece & ~$0 != 0 ? $0 : $0 & ~piece }
  }
}
