import Chance
import Delivery
import Larkspur
import Planning

/// One run of the real worker on the simulated machine, and its world: what the kernel and libcurl
/// are to it elsewhere.
final class WorkerRun: World {
  unowned let life: Life
  let number: Int
  let process = SimulatedProcess()
  var stopRequests = 0
  private let bootOffset: Int
  private var inbox: [WorldEvent] = []
  /// What the judge is to know of those that came with it.
  private var handedOver: [() -> Void] = []
  private var outbox: [Leaving] = []
  private struct Leaving {
    let request: Request
    let tag: Int
    let latest: BootMoment
    /// When it may leave.
    let earliest: Int
    /// The commit that the request rests on; there may be others before it is handed over.
    let claimed: Int
  }

  private static let callTimeout = 10_000

  private var hasNews = false
  /// The queue is open. While it is being made, its lock is held between statements as well.
  private var isOpen = false
  private var dice: Dice
  /// The statements of this run, for a bound on a run that never ends.
  private var statements = 0
  /// What others saw when the transaction began.
  private var version = 0

  enum Ending {
    case ended, killed
    case failed(String)
  }

  init(_ life: Life, number: Int) {
    self.life = life
    self.number = number
    bootOffset = life.bootOffset
    dice = Dice(life.history.seed, 10_000 + number)
    process.onStatement = { [unowned self] event in pass(event) }
    process.onDiskOperation = { [unowned self] operation in touchDisk(operation) }
  }

  /// From the lock to the last line. Whatever it holds is let go of before this returns, as a process
  /// lets go when it ends.
  func work(_ goal: Goal) -> Ending {
    do {
      guard case .taken(let lock) = try WorkerLock.take(queue: life.path) else {
        return .failed("the lock of a worker that is gone is still held")
      }
      let ending = drive(goal)
      _ = consume lock
      return ending
    } catch {
      return .failed("\(error)")
    }
  }

  private func drive(_ goal: Goal) -> Ending {
    do {
      life.disk.opener = process
      // No patience: time does not pass while SQLite waits.
      let store = try WorkerStore(queue: life.path, patience_ms: -1)
      isOpen = true
      let worker = Worker(
        store: store, world: self, accounts: life.history.setup.accounts.map(\.settings),
        mode: goal.mode, callTimeout: Self.callTimeout, readSecret: { _ in .success("s3cret") },
        report: { [unowned life] event in life.tell("  \(event)") })
      _ = try worker.run()
      return process.isDead ? .killed : .ended
    } catch {
      return process.isDead ? .killed : .failed("\(error)")
    }
  }

  func clocks() -> ClockReading {
    let name = "boot-\(life.boots)\(bootOffset == 0 ? "" : "+\(bootOffset)")"
    return ClockReading(
      wall: WallMoment(ms: life.wall_ms), sinceBoot: sinceBoot(life.now),
      boot: life.history.setup.hasBootNames ? name : nil)
  }

  private func sinceBoot(_ moment: Int) -> BootMoment {
    BootMoment(ms: moment - life.bootedAt + bootOffset)
  }

  func random() -> UInt64 { dice.next() }

  func forgetWrites() { hasNews = false }

  func noticeWrite() { hasNews = true }

  func send(_ request: Request, tag: Int, earliest: BootMoment, latest: BootMoment) {
    if process.isDead { return }
    life.come(to: .send)
    if process.isDead { return }
    outbox.append(
      Leaving(
        request: request, tag: tag, latest: latest,
        earliest: earliest.ms + life.bootedAt - bootOffset, claimed: life.judge.lastCommit))
  }

  func progress() { handOver() }

  func wait(milliseconds: Int) -> [WorldEvent] {
    handOver()
    let wake = min(life.now + milliseconds, outbox.map(\.earliest).min() ?? .max)
    while inbox.isEmpty, !hasNews, !process.isDead, life.judge.broken == nil {
      stall()
      guard let next = life.agenda.next, next <= wake else {
        life.pass(max(0, wake - life.now))
        break
      }
      let asked = stopRequests
      _ = life.step()
      if stopRequests != asked { break }
    }
    handOver()
    if life.judge.broken != nil { process.kill() }
    // Whoever was woken by a write has been told of it.
    hasNews = false
    if process.isDead { return [] }
    defer {
      inbox = []
      handedOver = []
    }
    for tellJudge in handedOver { tellJudge() }
    return inbox
  }

  private func stall() {
    if life.pendingStall == 0 { return }
    life.pass(life.pendingStall)
    life.pendingStall = 0
  }

  private func handOver() {
    stall()
    if process.isDead { return }
    let leaving = outbox.filter { $0.earliest <= life.now }
    outbox.removeAll { $0.earliest <= life.now }
    for call in leaving where !process.isDead {
      let moment = sinceBoot(life.now)
      if moment > call.latest - Self.callTimeout {
        inbox.append(.finished(tag: call.tag, .tooLate, at: moment))
        continue
      }
      life.carry(
        call.request, tag: call.tag, claimed: call.claimed, givesUpAt: life.now + Self.callTimeout,
        for: self)
      life.come(to: .sent)
    }
  }

  func hearSent(_ tag: Int) { inbox.append(.sent(tag: tag, at: sinceBoot(life.now))) }

  /// `tellJudge` when the worker has it in hand: what has only come to its machine it cannot know.
  func hear(_ outcome: Outcome, _ tag: Int, tellJudge: @escaping () -> Void) {
    if process.isDead { return }
    handedOver.append(tellJudge)
    inbox.append(.finished(tag: tag, outcome, at: sinceBoot(life.now)))
    life.come(to: .answer)
  }

  /// Time passes with every statement, and between two of them, outside a transaction, others act.
  private func pass(_ event: StatementEvent) {
    if process.isDead { return }
    let sql = event.sql
    statements += 1
    if statements > 400_000 {
      life.judge.blame("P2", "worker \(number) never comes to rest", at: life.now)
      return process.kill()
    }
    if event.moment == .before {
      if dice.chance(20) { life.pass(1) }
      stall()
    } else if sql == "begin immediate", isOpen {
      version = life.people.version()
    } else if sql == "commit", isOpen, life.people.version() != version {
      // Others see it: it has not failed on the way to the disk.
      let hasPart = life.judge.committed(
        inFlight: life.people.lanesInFlight, foldedAsk: life.people.foldedAsk, at: life.now)
      life.judge.died(life.people.dead(), at: life.now)
      if hasPart { life.come(to: .part) }
    }
    if event.moment == .before {
      let isNew = life.knownStatements.insert(sql).inserted
      if isNew { life.newStatements.insert(sql) }
      life.come(to: .statement(sql, .before, isNew: isNew))
    } else {
      let isNew = life.newStatements.remove(sql) != nil
      life.come(to: .statement(sql, .after, isNew: isNew))
    }
    if event.isInTransaction || !isOpen { return }
    while !process.isDead, let next = life.agenda.next, next <= life.now { _ = life.step() }
  }

  private func touchDisk(_ operation: DiskOperation) -> Int32? {
    life.come(to: .diskOperation)
    return life.diskError(operation)
  }
}

extension Goal {
  fileprivate var mode: WorkMode {
    switch self {
    case .once: WorkMode(goal: .once)
    case .untilEmpty: WorkMode(goal: .untilEmpty)
    case .stay: WorkMode(goal: .stay)
    case .seconds(let seconds): WorkMode(goal: .stay, limit: seconds * 1_000)
    }
  }
}

extension Setup.Account {
  fileprivate var settings: AccountSettings {
    var settings = AccountSettings(
      name: name, host: "https://\(name).test", appID: "cli_\(name)", secret: .environment("S"))
    settings.joins = joins
    if let extraPairsMax { settings.packing = .cover(extraPairsMax: extraPairsMax) }
    settings.limits[.preview] = [.init(callsPerSecond, per: 1_000)]
    settings.monthlyQuota = monthlyQuota
    return settings
  }
}
