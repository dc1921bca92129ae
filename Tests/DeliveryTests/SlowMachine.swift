import Larkspur
import Planning

@testable import Delivery

/// A simulated world in which time passes during a turn, with every random number: two are drawn
/// when a call is recorded and three when its answer is.
final class SlowMachine: World {
  let inner: SimulatedWorld
  let dice_ms: Int
  /// From then on random numbers take no time.
  var slowUntil = Int.max
  var onWait: () -> Void = {}
  /// How long before the earliest moment to leave each call was handed over.
  private(set) var leads: [Int] = []
  /// When the world last had a chance to handle the network, and the longest time that it had none.
  private var looked: Int
  private(set) var blind_ms = 0

  init(_ inner: SimulatedWorld, dice_ms: Int) {
    self.inner = inner
    self.dice_ms = dice_ms
    looked = inner.now
  }

  func run(_ bench: Bench, for limit: Int? = nil) throws {
    let worker = Worker(
      store: try WorkerStore(queue: bench.path), world: self, accounts: [bench.settings],
      mode: WorkMode(goal: .untilEmpty, limit: limit), callTimeout: 10_000,
      readSecret: { _ in .success("s") }, report: { _ in })
    _ = try worker.run()
  }

  func random() -> UInt64 {
    if inner.now < slowUntil { inner.now += dice_ms }
    return inner.random()
  }

  func clocks() -> ClockReading { inner.clocks() }
  func forgetWrites() {}
  var stopRequests: Int { inner.stopRequests }

  func progress() { look() }

  private func look() {
    blind_ms = max(blind_ms, inner.now - looked)
    looked = inner.now
  }

  func wait(milliseconds: Int) -> [WorldEvent] {
    look()
    onWait()
    defer { looked = inner.now }
    return inner.wait(milliseconds: milliseconds)
  }

  func send(_ request: Request, tag: Int, earliest: BootMoment, latest: BootMoment) {
    leads.append(earliest.ms - inner.now)
    inner.send(request, tag: tag, earliest: earliest, latest: latest)
  }
}
