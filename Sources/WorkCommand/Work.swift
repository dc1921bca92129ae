import Configuring
import Delivery
import Glibc
import Larkspur
import Planning
import QueueAccess
import Terminal
import Transport

/// One run, from its arguments to its exit code.
package enum Work {
  static func run(
    _ arguments: WorkArguments, _ signals: consuming StopSignals, _ service: ServiceReport?
  ) -> ExitCode {
    let speech = Speech(
      of: arguments, onTerminal: Output.errorIsTerminal, inJournal: Journal.readsStandardError)
    let narrator = Narrator(speech, clock: { SystemClocks.read(boot: nil).wall })
    do throws(Failure) {
      return try run(arguments, signals, narrator, service)
    } catch {
      narrator.fail(error)
      service?.tell(error.sentence)
      narrator.stopped(.failed, error.code)
      return error.code
    }
  }

  private static func run(
    _ arguments: WorkArguments, _ signals: consuming StopSignals, _ narrator: Narrator,
    _ service: ServiceReport?
  ) throws(Failure) -> ExitCode {
    let configuration = try Configuration(arguments.config)
    let place = try QueuePlace(flag: arguments.database)
    try place.makeFolders()
    let path = place.path
    do throws(QueueError) {
      guard let store = try open(path, arguments, signals, narrator, service) else { return .done }
      switch try WorkerLock.take(queue: path) {
      case .held(let owner):
        return leave(to: .owner(owner), narrator, service)
      case .taken(let lock):
        guard store.isSoleWorker() else {
          return leave(to: .unknown, narrator, service)
        }
        let world = try CurlWorld(
          queue: path, signals: signals, timeouts: Timeouts(), alsoWokenBy: configuration.descriptor
        )
        narrator.started(
          RunStart(
            pid: getpid(), queue: path, mode: arguments.mode,
            accounts: configuration.accounts.map(\.name)))
        let pen = lock.pen(boot: SystemClocks.bootID(), at: SystemClocks.read(boot: nil).wall)
        let result = try deliver(
          store, world, configuration, arguments, narrator, service, sharing: nil, pen)
        let loss = result.isQueueGone ? nil : try close(store)
        _ = consume lock
        let run = FinishedRun(
          result: result, loss: loss, queue: path, accounts: configuration.accounts)
        return run.finish(arguments, narrator)
      }
    } catch {
      throw Failure(error)
    }
  }

  /// Another worker does the work, so there is nothing to wait for.
  private static func leave(
    to rival: Rival, _ narrator: Narrator, _ service: ServiceReport?
  ) -> ExitCode {
    narrator.tell(rival)
    service?.leave(LogEvent.alreadyRunning(rival).sentence)
    return .done
  }

  /// Opens the queue. A run without an end waits while another program holds it. Nil if it was
  /// asked to end meanwhile.
  private static func open(
    _ path: String, _ arguments: WorkArguments, _ signals: borrowing StopSignals,
    _ narrator: Narrator, _ service: ServiceReport?
  ) throws(QueueError) -> WorkerStore? {
    var isWaiting = false
    while true {
      do throws(QueueError) {
        let store = try WorkerStore(queue: path)
        if isWaiting { narrator.tell(.storeRecovered) }
        return store
      } catch {
        guard error.kind == .busy, !arguments.mode.hasEnd else { throw error }
        if !isWaiting { narrator.tell(.storeFailed(error.description)) }
        isWaiting = true
        _ = service?.look(.starting) { error.description }
        // Each try waits some seconds for the lock, but not all locks let SQLite wait.
        if signals.arrive(within: 200), let signal = signals.next(), signals.isEnd(signal) {
          _ = service?.look(.stopping) { "stopping" }
          return nil
        }
      }
    }
  }

  private static func close(_ store: WorkerStore) throws(QueueError) -> WorkerStore.LogLoss? {
    do throws(StoreError) { return try store.close() } catch { throw lastError(error, store) }
  }

  private static func lastError(_ error: StoreError, _ store: WorkerStore) -> QueueError {
    guard error.kind == .filesRemoved else { return QueueError(error, path: store.path) }
    let fix =
      "end these programs (see: fuser \(store.path)) before another one opens the queue, or the "
      + "writes are lost."
    // Not busy, although other programs have it: to run again is what loses the writes.
    return QueueError(
      .cannotUse,
      "the -wal or -shm file of queue \(store.path) was removed while the worker ran, and other "
        + "programs still have the queue open. Only their files may hold the latest writes: "
        + fix, fix: fix)
  }

  /// How a run works on a queue that it shares with others.
  package struct Sharing {
    /// Called before each turn. Returns the names of the accounts to work; nil if they have not changed.
    package let step: (_ configured: [AccountSettings]) -> Set<String>?
    /// How long the loop may sleep until the next step.
    package let nap: () -> Span

    package init(step: @escaping ([AccountSettings]) -> Set<String>?, nap: @escaping () -> Span) {
      self.step = step
      self.nap = nap
    }
  }

  /// Runs the loop.
  package static func deliver(
    _ store: WorkerStore, _ world: CurlWorld, _ configuration: Configuration,
    _ arguments: WorkArguments, _ narrator: Narrator, _ service: ServiceReport?, sharing: Sharing?,
    _ pen: HeartbeatPen?
  ) throws(QueueError) -> WorkResult {
    do throws(StoreError) {
      let secrets = Secrets(of: configuration.accounts)
      let worker = Worker(
        store: store, world: world, accounts: sharing == nil ? configuration.accounts : [],
        mode: arguments.mode,
        callTimeout: Timeouts().total_ms, redaction: Redaction(environment: environmentVariables()),
        readSecret: secrets.read, report: { narrator.tell($0) })
      worker.whenWritten = secrets.whenWritten
      if sharing != nil { worker.retention = .brief }
      var worked: Set<String>?
      worker.readConfiguration = { isAsked in
        if isAsked { service?.reload() }
        let accounts = configuration.look(isAsked: isAsked) { narrator.tell($0) }
        if let accounts { secrets.change(to: accounts) }
        guard let sharing else { return accounts }
        let news = sharing.step(configuration.accounts)
        if let news { worked = news }
        if accounts == nil && news == nil { return nil }
        return configuration.accounts.filter { worked?.contains($0.name) ?? false }
      }
      narrator.follow { [unowned worker] in worker.progressWithDelayed }
      defer { narrator.stopFollowing() }
      worker.onLook = onLook(worker, narrator, service, sharing)
      if let pen { worker.onBeat = pen.write }
      if let path = arguments.metrics {
        worker.onFigures = MetricsWriting(path, narrator, isQuiet: arguments.isQuiet).write
      }
      var result = try worker.run()
      result.progress = worker.progressWithDelayed
      return result
    } catch {
      throw lastError(error, store)
    }
  }

  /// Nil if nobody watches, so that an idle worker is not woken up for it.
  private static func onLook(
    _ worker: Worker, _ narrator: Narrator, _ service: ServiceReport?, _ sharing: Sharing?
  ) -> ((WorkPhase) -> Span)? {
    if service == nil && !narrator.isWatched && sharing == nil { return nil }
    return { [unowned worker] phase in
      let watchdog = service?.look(phase) {
        RunText.status(phase, worker.progressAwaiting, at: SystemClocks.read(boot: nil).wall)
      }
      let nap = min(watchdog ?? .max, sharing?.nap() ?? .max)
      guard narrator.isWatched else { return nap }
      narrator.showProgress()
      return min(nap, 1_000)
    }
  }
}
