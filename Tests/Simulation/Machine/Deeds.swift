import Larkspur

/// What happens to the machine.
extension Life {
  func perform(_ deed: Deed) {
    if now < offUntil {
      agenda.plan(offUntil) { [unowned self] in perform(deed) }
      return
    }
    // The end has overtaken steps that were postponed until the machine was back on. Only asks
    // still happen, because they have to be delivered too.
    if isEnding {
      switch deed {
      case .ask, .see: break
      default: return
      }
    }
    switch deed {
    case .ask(let wishes, let asker): people.ask(wishes, asker)
    case .cancel(let lane): people.cancel(lane)
    case .see(let sightings, let asker): people.see(sightings, asker)
    case .forget(let what): people.forget(what)
    case .delete(let name): people.delete(name)
    case .retry: people.retry()
    case .resume: people.resume()
    case .start(let goal): startWorker(goal)
    case .configure(let accounts):
      tell("\(deed)")
      configure(accounts)
    case .end:
      tell("the worker is asked to end")
      run?.stopRequests = 1
    case .kill(let trigger): arm(trigger, .kill)
    case .stall(let span):
      tell("stall of \(span) ms")
      pendingStall += span
      story.count("stalls")
    case .setClock(let by):
      tell("the wall clock is set by \(by) ms")
      wallError += by
      judge.clockSetAt = now
      judge.hasClockTrouble = true
      story.count("clock steps")
    case .powerCut(let trigger, let off, let error): arm(trigger, .powerCut(off: off, error))
    case .fullDisk(let span): fillDisk(span)
    case .diskError(let after): diskErrorAfter = after
    case .lock(let span): people.lock(for: span)
    case .weather(let weather):
      tell("weather: \(weather.fault) \(weather.permille) ‰ for \(weather.milliseconds) ms")
      self.weather.append((now + weather.milliseconds, weather.fault, weather.permille))
    case .outage(let outage):
      tell("outage: \(outage)")
      outages.append((now, now + outage.milliseconds, outage))
    case .foreign(let foreign):
      tell("another program makes \(foreign.perSecond) calls a second on \(foreign.account)")
      self.foreign = (now + foreign.milliseconds, foreign)
    case .namespace(let offset):
      tell("workers from now on live \(offset) ms after the machine was started")
      bootOffset = offset
    case .ticket(let span):
      feishu.makeTicket()
      tell("a new ticket is pushed: \(feishu.ticket)")
      if let span { storeTicket(feishu.ticket, after: span) }
    case .install(let account, let isInstalled):
      tell("\(deed)")
      if isInstalled { feishu.absent.remove(account) } else { feishu.absent.insert(account) }
    case .foretell(let lanes):
      if let run { people.foretell(lanes: lanes, run.clocks()) }
    case .deadline(let within):
      let spared = Set(outages.filter { $0.until > now }.compactMap(\.what.lane))
      if let rows = people.look() {
        judge.checkDelivered(rows, within: within, but: spared, at: now)
      }
    }
  }

  /// A running worker is told, as by SIGHUP.
  func configure(_ accounts: [Setup.Account]) {
    configuration = accounts
    judge.configured(at: now)
    run?.noticeConfiguration()
  }

  /// Tickets that come late are not stored over newer ones.
  func storeTicket(_ ticket: String, after span: Int) {
    agenda.plan(now + span) { [unowned self] in
      guard ticket == feishu.ticket else { return }
      tell("\(ticket) is stored")
      storedTicket = ticket
    }
  }

  private func fillDisk(_ span: Int) {
    tell("the disk is full")
    disk.room = 0
    hasTrouble = true
    story.count("full disks")
    agenda.plan(now + span) { [unowned self] in
      tell("there is room again")
      disk.room = nil
    }
  }

  /// If a worker is already running, another one has to leave it alone.
  func startWorker(_ goal: Goal) {
    if run != nil {
      story.count("second workers")
      if let attempt = try? WorkerLock.take(queue: path), case .taken = consume attempt {
        judge.blame("P5", "two workers have the queue at once", at: now)
      }
      return
    }
    runs += 1
    hasTrouble = disk.room != nil || people.isLocking
    let run = WorkerRun(self, number: runs)
    self.run = run
    judge.runBegan(at: now)
    people.lookAtShown(isSure: false)
    tell("worker \(runs) starts: \(goal)")
    if goal.hasEnd { watchEnd(of: runs, since: now) }
    let ending = run.work(goal)
    self.run = nil
    tell("worker \(runs) ends: \(ending)")
    if case .failed(let why) = ending, !hasTrouble {
      judge.blame("P2", "worker \(runs) ended with an error: \(why)", at: now)
    }
    if now >= offUntil, let rows = people.look() { judge.look(rows, at: now) }
    judge.checkLuck(people.refusedPeople(), at: now)
  }

  /// The power fails: every process dies, and only what was synced is sure to be on the disk.
  func cutPower(off: Int, clockError: Int) {
    tell("power cut for \(off) ms")
    story.count("power cuts")
    disk.powerCut()
    offUntil = now + off
    boots += 1
    bootedAt = offUntil - 20_000
    wallError += clockError
    judge.clockSetAt = offUntil
    judge.clockSlack_ms += abs(clockError)
    if clockError != 0 { judge.hasClockTrouble = true }
    people.powerFailed()
  }
}

extension Life {
  /// The error that this disk operation meets, if any.
  func diskError(_ operation: DiskOperation) -> Int32? {
    guard let left = diskErrorAfter else { return nil }
    diskErrorAfter = left > 0 ? left - 1 : nil
    if left > 0 { return nil }
    tell("the disk fails at \(operation)")
    story.count("disk errors")
    hasTrouble = true
    return operation.error
  }
}

extension DiskOperation {
  fileprivate var error: Int32 {
    switch self {
    case .write: 778  // SQLITE_IOERR_WRITE
    case .sync: 1_034  // SQLITE_IOERR_FSYNC
    case .truncate: 1_546  // SQLITE_IOERR_TRUNCATE
    case .delete: 2_570  // SQLITE_IOERR_DELETE
    }
  }
}
