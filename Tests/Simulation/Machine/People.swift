import Larkspur

/// Everyone else on the machine: programs that ask, cancel, hold the lock, or look. Each is a
/// process of its own and uses the queue as any program does.
final class People {
  let path: String
  unowned let life: Life
  private var backend: Backend?
  private var eye: Eye?
  private(set) var holder: Holder?
  /// Asks of a program that died while asking. Whether they are in the queue is not known yet.
  private var doubtful: [Wish] = []
  /// Keys and URLs whose asks may have been deleted.
  var doubtfulDeletions: [String] = []

  init(_ life: Life, path: String) {
    self.life = life
    self.path = path
  }

  var isLocking: Bool { holder != nil }

  func ask(_ wishes: [Wish], _ asker: Asker) {
    // Asking waits until the lock is free and the machine is on.
    if let until = holder?.until ?? (life.now < life.offUntil ? life.offUntil : nil) {
      return life.agenda.plan(until) { [unowned self] in ask(wishes, asker) }
    }
    resolveDoubts()
    let process = process(of: asker)
    let cuts = life.boots
    do {
      let asking = try backend(asker, process)
      if case .rollsBack = asker { return try asking.changeItsMind(wishes) }
      let ids = try asking.add(wishes, isPlain: asker.isPlain)
      life.tell("asks \(ids) are in: \(wishes.map(\.description).joined(separator: ", "))")
      for (id, wish) in zip(ids, wishes) { life.judge.accepted(id, wish, at: life.now) }
      life.run?.noticeWrite()
    } catch {
      if !process.isDead, !life.hasTrouble, life.boots == cuts {
        life.judge.blame("P2", "asking failed: \(error)", at: life.now)
      }
      life.tell("asking failed: \(error)")
      doubtful = wishes
      life.run?.noticeWrite()
    }
  }

  func process(of asker: Asker) -> SimulatedProcess {
    let process = SimulatedProcess()
    switch asker {
    case .swift, .plainSQL:
      process.onDiskOperation = { [unowned life] operation in
        life.come(to: .diskOperation)
        return life.diskError(operation)
      }
    case .rollsBack: break
    case .dies(let place):
      var left = place * 2
      process.onStatement = { [unowned process] _ in
        left -= 1
        if left == 0 { process.kill() }
      }
    }
    return process
  }

  /// A backend stays and keeps its connection open. Other programs come and go.
  func backend(_ asker: Asker, _ process: SimulatedProcess) throws -> Backend {
    if asker.isPlain { return try Backend(path, process, on: life.disk) }
    if let backend, !backend.process.isDead { return backend }
    let made = try Backend(path, process, on: life.disk)
    backend = made
    return made
  }

  /// Of what a dying program asked for, everything is in the queue or nothing.
  func resolveDoubts() {
    resolveDeletions()
    guard !doubtful.isEmpty, life.now >= life.offUntil, let rows = try? looking().rows() else {
      return
    }
    let wishes = doubtful
    doubtful = []
    let new = rows.map(\.id).filter { life.judge.asks[$0] == nil }
    if new.count == wishes.count {
      for (id, wish) in zip(new, wishes) {
        life.judge.accepted(id, wish, isDoubtful: true, at: life.now)
      }
    } else if !new.isEmpty {
      life.judge.blame("P2", "\(new.count) of \(wishes.count) asks are in", at: life.now)
    }
  }

  /// The asks as the queue shows them; nil while it cannot be read.
  func look() -> [AskRow]? {
    resolveDoubts()
    do { return try looking().rows() } catch {
      if !life.hasTrouble {
        life.judge.blame("P2", "the queue cannot be read: \(error)", at: life.now)
      }
      return nil
    }
  }

  /// The batches on disk for the card that a call goes to; nil for other calls.
  func parcels(of called: Called) -> [String]? {
    called.api == .card ? try? looking().parcels(of: called.lanes[0]) : nil
  }

  /// The ids of dead asks.
  func dead() -> [Int] { (try? looking().dead()) ?? [] }

  func lanesInFlight() -> Set<String> { (try? looking().lanesInFlight()) ?? [] }

  func foldedAsk() -> Int { (try? looking().foldedAsk()) ?? 0 }

  /// The users that the queue lists as refused.
  func refusedPeople() -> [String] { (try? looking().refusedPeople()) ?? [] }

  func version() -> Int { (try? looking().version()) ?? -1 }

  /// What SQLite finds wrong with the file; nil if it is sound.
  func integrity() -> String? {
    do { return try looking().integrity() } catch { return "\(error)" }
  }

  func pending() throws -> [(account: String, kind: String, name: String)] {
    try looking().pending()
  }

  func looking() throws -> Eye {
    if let eye { return eye }
    let made = try Eye(path, on: life.disk)
    eye = made
    return made
  }

  func cancel(_ lane: String) {
    intervene("somebody cancels \(lane)") { [unowned life] inspector in
      _ = try inspector.cancel(lane: lane, account: nil)
      life.judge.cancelled(lane: lane)
    }
  }

  func retry() {
    intervene("somebody retries what is dead") { [unowned self] inspector in
      guard let rows = look() else { return }
      life.judge.look(rows, at: life.now)
      lookAtShown(isSure: false)
      _ = try inspector.retry(.all(account: nil))
      life.judge.retried(rows.filter { $0.end == .dead }.map(\.id))
    }
  }

  func resume() {
    intervene("somebody resumes all accounts") { [unowned life] inspector in
      for account in life.history.setup.accounts {
        _ = try inspector.resume(account: account.name)
      }
      life.judge.resume()
    }
  }

  func intervene(_ what: String, _ work: @escaping (borrowing Inspector) throws -> Void) {
    if let holder {
      return life.agenda.plan(holder.until) { [unowned self] in intervene(what, work) }
    }
    life.tell(what)
    do {
      life.disk.opener = SimulatedProcess()
      try work(Inspector(queue: path))
    } catch let error as QueueError where error.kind == .missing {
      life.tell("there is no queue yet")
    } catch {
      if !life.hasTrouble {
        life.judge.blame("P2", "mending failed: \(error)", at: life.now)
      }
    }
    life.run?.noticeWrite()
  }

  /// Another program takes the write lock and keeps it for a while.
  func lock(for span: Int) {
    // Only an existing queue is locked. Creating one waits for the lock in real time, so simulated
    // time would not pass.
    guard holder == nil, look() != nil,
      let made = try? Holder(path, until: life.now + span, on: life.disk)
    else { return }
    life.tell("another program locks the queue for \(span) ms")
    life.story.count("locks")
    life.hasTrouble = true
    holder = made
    life.agenda.plan(life.now + span) { [unowned self] in letGo() }
  }

  func letGo() { holder = nil }

  func powerFailed() {
    backend = nil
    eye = nil
    holder = nil
  }

  func leave() { powerFailed() }
}
