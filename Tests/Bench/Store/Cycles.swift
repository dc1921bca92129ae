import Delivery
import Glibc
import Larkspur
import Planning

/// Claim and settle, as the worker does it: the real loop, turn by turn, each of which settles the call
/// before and claims the next one, ten lanes, in one transaction. What is timed is whole turns.
///
/// Between two stretches that are timed, the lanes that have been delivered are asked for again and
/// folded, so that the queue stays as deep as it was. The write-ahead log is empty before a stretch, and
/// writing it back is part of it: pages that are spread over a large file cost more there.
final class Cycles {
  /// Turns in one stretch: at 1,000 lanes, four fifths of them.
  static let stretch = 80
  private static let warmUp = 20
  private static let intakeConnection = 0
  private static let workerConnection = 1

  private let intake: Intake
  private let store: WorkerStore
  private var stretches: Int
  private var left = Cycles.warmUp
  private var foldingTurns = 0
  private var isTimed = false
  private var began_ns = 0
  private var delivered: [Request] = []
  private(set) var seconds: [Double] = []

  init(queue path: String, stretches: Int, durability: String) throws {
    self.stretches = stretches
    intake = try Intake(queue: path)
    store = try WorkerStore(queue: path)
    // The log is written back by the worker, where it is timed.
    Connections.run("pragma wal_autocheckpoint = 0", on: Self.intakeConnection)
    Connections.run("pragma synchronous = \(durability)", on: Self.workerConnection)
  }

  func run() throws {
    let newest = try intake.db.first("select newest_ms from worker") {
      (row) throws(StoreError) in row.int(0)
    }
    var feishu: InstantFeishu?
    // By now, lanes of the round before may be in a call again.
    let world = InstantFeishu(
      startingAt: BootMoment(ms: newest ?? 0) + .seconds(20)
    ) { [unowned self] in
      feishu.map(self.turn) ?? true
    }
    feishu = world
    var settings = AccountSettings(
      name: "default", host: "http://127.0.0.1:1", appID: "bench", secret: .environment("-"))
    // One call is under way at a time, so this is one call in each turn.
    settings.limits[.preview] = [Budget.Limit(1, per: 1)]
    let worker = Worker(
      store: store, world: world, accounts: [settings], mode: WorkMode(goal: .stay),
      callTimeout: 10_000, readSecret: { _ in .success("-") }, report: { _ in })
    _ = try worker.run()
    feishu = nil
  }

  /// Whether the call that is under way is answered at this turn.
  private func turn(_ world: InstantFeishu) -> Bool {
    if foldingTurns > 0 {
      foldingTurns -= 1
      if foldingTurns > 0 { return false }
      start()
    }
    if left == 0 {
      if isTimed { stop() }
      askAgain(world)
      if stretches == 0 {
        world.stop()
        return true
      }
      stretches -= 1
      left = Self.stretch
      return false
    }
    left -= 1
    if let request = world.asked, request.bearer != nil { delivered.append(request) }
    return true
  }

  private func start() {
    Connections.run("pragma wal_checkpoint", on: Self.workerConnection)
    Connections.tape?.startClock()
    isTimed = true
    began_ns = now_ns()
  }

  private func stop() {
    Connections.run("pragma wal_checkpoint", on: Self.workerConnection)
    seconds.append(Double(now_ns() - began_ns) / 1e9)
    Connections.tape?.stopClock()
    isTimed = false
  }

  /// What has been delivered is wanted again by the same people, and due at once.
  private func askAgain(_ world: InstantFeishu) {
    let asks = delivered.flatMap { request -> [Ask] in
      let words = String(decoding: request.body, as: UTF8.self).split(separator: "\"")
      let people = words.filter { $0.hasPrefix("ou_") }.map(String.init)
      return words.filter { $0.hasPrefix("preview_token_") }
        .map { .preview(String($0), for: .people(people)) }
    }
    delivered = []
    do {
      _ = try intake.add(asks)
      let waiting = try intake.db.first("select max(id) - folded_ask from ask, worker") {
        (row) throws(StoreError) in row.int(0)
      }
      // The worker folds 200 in a turn, and this is a bound.
      foldingTurns = (waiting ?? 0) / 100 + 3
    } catch {
      fail("\(error)")
    }
    // Longer than a lane's slot.
    world.pass(milliseconds: .seconds(6))
  }
}
