import Delivery
import Glibc
import Larkspur
import Planning

/// Claim and settle as the worker does them: each turn of the real loop settles the previous call
/// and claims the next one, ten lanes, in one transaction. Whole turns are timed.
///
/// Between two timed stretches the delivered lanes are asked for again and folded, so that the
/// queue stays as deep as it was. The write-ahead log is empty before a stretch, and the checkpoint
/// is part of it, because pages that are spread over a large file cost more there.
final class Cycles {
  /// Turns in one stretch. At 1,000 lanes this is four fifths of them.
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
    // The worker checkpoints the log, inside the timed stretch.
    Connections.run("pragma wal_autocheckpoint = 0", on: Self.intakeConnection)
    Connections.run("pragma synchronous = \(durability)", on: Self.workerConnection)
  }

  func run() throws {
    let newest = try intake.db.first("select newest_ms from worker") {
      (row) throws(StoreError) in row.int(0)
    }
    var feishu: InstantFeishu?
    // By then lanes of the previous round may be in a call again.
    let world = InstantFeishu(
      startingAt: BootMoment(ms: newest ?? 0) + .seconds(20)
    ) { [unowned self] in
      feishu.map(self.turn) ?? true
    }
    feishu = world
    var settings = AccountSettings(
      name: "default", host: "http://127.0.0.1:1", appID: "bench", secret: .environment("-"))
    // One call is in flight at a time, so each turn makes one call.
    settings.limits[.preview] = [Budget.Limit(1, per: 1)]
    let worker = Worker(
      store: store, world: world, accounts: [settings], mode: WorkMode(goal: .stay),
      callTimeout: 10_000, readSecret: { _ in .success("-") }, report: { _ in })
    _ = try worker.run()
    feishu = nil
  }

  /// Whether the call in flight is answered at this turn.
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

  /// Asks again for what has been delivered, for the same users and due at once.
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
      // An upper bound: the worker folds 200 in a turn.
      foldingTurns = (waiting ?? 0) / 100 + 3
    } catch {
      fail("\(error)")
    }
    // Longer than a lane's slot.
    world.pass(milliseconds: .seconds(6))
  }
}
