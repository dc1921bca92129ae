import Configuring
import Delivery
import Glibc
import Larkspur
import Planning
import QueueAccess
import Terminal
import Transport

/// One run, from its arguments to its exit code.
enum Work {
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
        let result = try work(
          store, world, configuration, arguments, narrator, service, pen)
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

  private static func work(
    _ store: WorkerStore, _ world: CurlWorld, _ configuration: Configuration,
    _ arguments: WorkArguments, _ narrator: Narrator, _ service: ServiceReport?,
    _ pen: HeartbeatPen?
  ) throws(QueueError) -> WorkResult {
    do throws(StoreError) {
      let secrets = Secrets(of: configuration.accounts)
      let worker = Worker(
        store: store, world: world, accounts: configuration.accounts, mode: arguments.mode,
        callTimeout: Timeouts().total_ms, redaction: Redaction(environment: environmentVariables()),
        readSecret: secrets.read, report: { narrator.tell($0) })
      worker.whenWritten = secrets.whenWritten
      worker.readConfiguration = { isAsked in
        if isAsked { service?.reload() }
        let accounts = configuration.look(isAsked: isAsked) { narrator.tell($0) }
        if let accounts { secrets.change(to: accounts) }
        return accounts
      }
      narrator.follow { [unowned worker] in worker.progressWithDelayed }
      defer { narrator.stopFollowing() }
      worker.onLook = onLook(worker, narrator, service)
      if let pen { worker.onBeat = pen.write }
      if let path = arguments.metrics {
        worker.onFigures = MetricsWriting(path, narrator).write
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
    _ worker: Worker, _ narrator: Narrator, _ service: ServiceReport?
  ) -> ((WorkPhase) -> Span)? {
    if service == nil && !narrator.isWatched { return nil }
    return { [unowned worker] phase in
      let nap = service?.look(phase) {
        RunText.status(phase, worker.progressAwaiting, at: SystemClocks.read(boot: nil).wall)
      }
      guard narrator.isWatched else { return nap ?? .max }
      narrator.showProgress()
      return min(nap ?? .max, 1_000)
    }
  }
}
