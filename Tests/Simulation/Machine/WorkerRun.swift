import Chance
import Delivery
import Larkspur
import Planning

/// One run of the real worker on the simulated machine. It is also the worker's world and stands in
/// for the kernel and libcurl.
final class WorkerRun: World {
  unowned let life: Life
  let number: Int
  let process = SimulatedProcess()
  var stopRequests = 0
  private(set) var reloadRequests = 0
  private let bootOffset: Int
  private var inbox: [WorldEvent] = []
  /// What to tell the judge about each outcome once the worker receives it.
  private var handedOver: [() -> Void] = []
  private var outbox: [Leaving] = []
  private struct Leaving {
    let request: Request
    let tag: Int
    let latest: BootMoment
    /// The earliest moment at which it may leave.
    let earliest: Int
    /// The commit that claimed it. Others may follow before the request is handed to the network.
    let claimed: Int
  }

  private static let callTimeout = 10_000

  private var hasNews = false
  /// The queue is open. While it is being created, its lock is also held between statements.
  private var isOpen = false
  private var dice: Dice
  /// Counts the statements of this run, to catch a run that never ends.
  private var statements = 0
  /// The data version that other connections saw when the transaction began.
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

  /// Runs the worker from taking the lock to the end. Everything it holds is released before this
  /// returns, as when a process ends.
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
      // Never waits for SQLite's lock, because simulated time does not pass during that wait.
      let store = try WorkerStore(queue: life.path, patience_ms: -1)
      isOpen = true
      let worker = Worker(
        store: store, world: self, accounts: readConfiguration(),
        mode: goal.mode, callTimeout: Self.callTimeout,
        readSecret: { [unowned life] source in
          guard source == .file("ticket") else { return .success("s3cret") }
          return life.storedTicket.map(Result.success) ?? .failure(SecretProblem("no such file"))
        },
        report: { [unowned life] event in life.tell("  \(event)") })
      worker.readConfiguration = { [unowned self] isAsked in isAsked ? readConfiguration() : nil }
      _ = try worker.run()
      return process.isDead ? .killed : .ended
    } catch {
      return process.isDead ? .killed : .failed("\(error)")
    }
  }

  func noticeConfiguration() { reloadRequests += 1 }

  private func readConfiguration() -> [AccountSettings] {
    life.judge.configurationRead(life.configuration)
    let tenants = life.configuration.filter(\.isTenant)
    let own = life.configuration.filter { !$0.isTenant }.map(\.settings)
    return tenants.isEmpty ? own : own + [.storeApp(of: tenants.map(\.settings))]
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
      let asked = stopRequests + reloadRequests
      _ = life.step()
      if stopRequests + reloadRequests != asked { break }
    }
    handOver()
    if life.judge.broken != nil { process.kill() }
    // If a write woke the worker, it has noticed it now.
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

  /// Calls `tellJudge` once the worker has received the outcome. It cannot know an outcome that has
  /// only reached its machine.
  func hear(_ outcome: Outcome, _ tag: Int, tellJudge: @escaping () -> Void) {
    if process.isDead { return }
    handedOver.append(tellJudge)
    inbox.append(.finished(tag: tag, outcome, at: sinceBoot(life.now)))
    life.come(to: .answer)
  }

  /// Time may pass at every statement. Between two statements, outside a transaction, others act.
  private func pass(_ event: StatementEvent) {
    if process.isDead { return }
    let sql = event.sql
    statements += 1
    if statements > 400_000 {
      life.judge.blame("P2", "worker \(number) never comes to rest", at: life.now)
      return process.kill()
    }
    if event.moment == .before {
      if !life.history.setup.isInstant, dice.chance(20) { life.pass(1) }
      stall()
    } else if sql == "begin immediate", isOpen {
      version = life.people.version()
    } else if sql == "commit", isOpen, life.people.version() != version {
      // Other connections see the commit, so it has not failed on the way to the disk.
      let hasPart = life.judge.committed(
        inFlight: life.people.lanesInFlight, foldedAsk: life.people.foldedAsk, at: life.now)
      life.judge.died(life.people.dead(), at: life.now)
      life.people.lookAtShown(isSure: true)
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

extension AccountSettings {
  /// The app `acme`. Its tenants have hosts of their own, which tell whose call it is.
  fileprivate static func storeApp(of tenants: [AccountSettings]) -> AccountSettings {
    var app = StoreApp(ticket: .file("ticket"))
    for var tenant in tenants {
      let key = String(tenant.name.dropFirst("acme.".count))
      tenant.issuing = .tenant(key: key, app: "acme")
      app.exceptions[key] = tenant
    }
    var settings = AccountSettings(
      name: "acme", host: "https://acme.test", appID: "cli_acme", secret: .environment("S"))
    settings.issuing = .storeApp(app)
    return settings
  }
}

extension Setup.Account {
  fileprivate var isTenant: Bool { name.contains(".") }

  fileprivate var settings: AccountSettings {
    var settings = AccountSettings(
      name: name, host: "https://\(name).test", appID: "cli_\(name)",
      secret: .environment("S\(secret)"))
    settings.joins = joins
    if let extraPairsMax { settings.packing = .cover(extraPairsMax: extraPairsMax) }
    settings.limits[.preview] = [.init(callsPerSecond, per: 1_000)]
    settings.monthlyQuota = monthlyQuota
    return settings
  }
}
