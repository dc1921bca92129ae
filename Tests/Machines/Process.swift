import Chance
import Delivery
import Larkspur
import Planning
import PostgreSQL
import Sharing

/// A worker's process: it joins the queue, works, and begins another run if others declare it gone. It is the loop's
/// world, too.
final class Process: World {
  unowned let scene: Scene
  unowned let machine: Machine
  var dice: Dice
  var stopRequests = 0
  private(set) var isKilled = false
  var hasEnded: Bool { fiber?.isDone ?? false }
  private var fiber: Fiber?
  private var road: Road?
  /// Grows with each sleep, so that what would end an earlier one does nothing.
  private var sleeps = 0
  private var isAsleep = false
  /// It passes time in the middle of something, and only time ends that.
  private var isBusy = false
  private var outbox: [(request: Request, tag: Int, earliest: Int, latest: Int)] = []
  private var inbox: [WorldEvent] = []
  /// Calls of earlier runs of the process are forgotten.
  private var generation = 0
  private var answered: Set<Int> = []

  private static let callTimeout = 10_000

  init(_ scene: Scene, _ machine: Machine, dice: Dice) {
    (self.scene, self.machine, self.dice) = (scene, machine, dice)
  }

  func start() {
    let fiber = Fiber { [unowned self] in live() }
    self.fiber = fiber
    fiber.start()
    isAsleep = true
    wake(sleeps)
  }

  func kill() {
    isKilled = true
    road?.close()
  }

  private func live() {
    var rejoining = Rejoining()
    while true {
      if rejoining.isAgain { pass(max(0, rejoining.from - clocks().sinceBoot)) }
      let session = ServerSession(scene.address) {}
      let road = Road(self, session)
      self.road = road
      guard let shared = join(road) else { return }
      rejoining.joined(at: clocks().sinceBoot)
      do throws(StoreError) {
        let result = try work(shared)
        shared.leave(result.ending)
        return road.close()
      } catch {
        guard shared.isGone else { return scene.fail("a worker ends: \(error.message)") }
        if stopRequests > 0 { return road.close() }
        road.close()
        dropCalls()
        rejoining.lost(at: clocks().sinceBoot)
      }
    }
  }

  private func join(_ road: Road) -> SharedRun? {
    while stopRequests == 0 {
      do throws(LogError) {
        let log = try SharedLog(
          road, name: "machine \(machine.number)", boot: clocks().boot,
          clock: { [unowned self] in clocks().sinceBoot })
        guard let store = try? WorkerStore.mirror() else { break }
        return try SharedRun(log, store, clocks: { [unowned self] in clocks() }) { _ in }
      } catch {
        if !error.isOfConnection {
          scene.fail("a worker cannot join: \(error.sentence)")
          return nil
        }
        pass(500)
      }
    }
    return nil
  }

  private func work(_ shared: SharedRun) throws(StoreError) -> WorkResult {
    let worker = Worker(
      store: shared.store, world: self, accounts: [], mode: WorkMode(goal: .stay),
      callTimeout: Self.callTimeout, readSecret: { _ in .success("s3cret") }, report: { _ in })
    worker.retention = .brief
    var isFirst = true
    worker.readConfiguration = { [unowned self] _ in
      let hasChanged = shared.step(configured: scene.accounts)
      defer { isFirst = false }
      if !hasChanged && !isFirst { return nil }
      return scene.accounts.filter { shared.worked.contains($0.name) }
    }
    worker.onLook = { _ in shared.nap }
    return try worker.run()
  }

  func clocks() -> ClockReading { machine.reading(at: scene.now) }

  func random() -> UInt64 { dice.next() }

  func forgetWrites() {}

  func send(_ request: Request, tag: Int, earliest: BootMoment, latest: BootMoment) {
    outbox.append((request, tag, earliest.ms, latest.ms))
  }

  func progress() { begin() }

  func wait(milliseconds: Int) -> [WorldEvent] {
    begin()
    if inbox.isEmpty {
      let clock = machine.clock(at: scene.now)
      let end = min(clock + min(milliseconds, 60_000), outbox.map(\.earliest).min() ?? .max)
      sleep(until: machine.moment(of: max(end, clock)))
      begin()
    }
    defer { inbox = [] }
    return inbox
  }

  /// Time that passes in the middle of something.
  func pass(_ milliseconds: Int) {
    if milliseconds == 0 { return }
    isBusy = true
    sleep(until: scene.now + milliseconds)
    isBusy = false
  }

  /// Something has come for it: an answer, or a notice of the server.
  func notice() { if !isBusy { wake(sleeps) } }

  private func sleep(until moment: Int) {
    sleeps += 1
    let sleep = sleeps
    isAsleep = true
    scene.plan(moment) { [weak self] in self?.wake(sleep) }
    fiber?.pause()
  }

  private func wake(_ sleep: Int) {
    if isKilled || hasEnded || !isAsleep || sleep != sleeps { return }
    if scene.now < machine.stoppedUntil {
      return scene.plan(machine.stoppedUntil) { [weak self] in self?.wake(sleep) }
    }
    isAsleep = false
    fiber?.resume()
  }

  private func dropCalls() {
    generation += 1
    outbox = []
    inbox = []
  }

  /// Hands what may leave by now to the network, which goes on with it whatever becomes of this process.
  private func begin() {
    let clock = machine.clock(at: scene.now)
    let leaving = outbox.filter { $0.earliest <= clock }
    outbox.removeAll { $0.earliest <= clock }
    for call in leaving {
      guard clock <= call.latest - Self.callTimeout else {
        inbox.append(.finished(tag: call.tag, .tooLate, at: BootMoment(ms: clock)))
        continue
      }
      inbox.append(.sent(tag: call.tag, at: BootMoment(ms: clock)))
      carry(call.request, call.tag, endsAt: machine.moment(of: clock + Self.callTimeout))
    }
  }

  private func carry(_ request: Request, _ tag: Int, endsAt end: Int) {
    let life = generation
    var isOver = false
    let finish = { [weak self] (outcome: Outcome) in
      guard let self, !isOver, life == generation, !isKilled else { return }
      isOver = true
      inbox.append(.finished(tag: tag, outcome, at: clocks().sinceBoot))
      notice()
    }
    let trip = scene.feishu.trip(&dice, within: end - scene.now)
    scene.plan(scene.now + trip.up) { [unowned scene] in
      let answer = scene.feishu.receive(request, at: scene.now)
      if let down = trip.down { scene.plan(scene.now + down) { finish(.answered(answer)) } }
    }
    scene.plan(end) { finish(.noAnswer("the time is up")) }
  }
}
