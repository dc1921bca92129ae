import Delivery
import Glibc
import Larkspur
import Planning
import PostgreSQL
import Sharing
import Terminal
import Transport
import WorkCommand

/// `larkspur work` on a shared queue. A process is several runs, one after another, if others declare it gone.
enum SharedWork {
  static func run(
    _ arguments: WorkArguments, _ address: ServerAddress, _ signals: consuming StopSignals,
    _ service: ServiceReport?
  ) -> ExitCode {
    let speech = Speech(
      of: arguments, onTerminal: Output.errorIsTerminal, inJournal: Journal.readsStandardError)
    let narrator = Narrator(speech, clock: { SystemClocks.read(boot: nil).wall })
    do throws(Failure) {
      return try run(arguments, address, signals, narrator, service)
    } catch {
      narrator.fail(error)
      service?.tell(error.sentence)
      narrator.stopped(.failed, error.code)
      return error.code
    }
  }

  private static func run(
    _ arguments: WorkArguments, _ address: ServerAddress, _ signals: consuming StopSignals,
    _ narrator: Narrator, _ service: ServiceReport?
  ) throws(Failure) -> ExitCode {
    let configuration = try Configuration(arguments.config)
    if let app = configuration.accounts.first(where: { $0.storeApp != nil }) {
      throw Failure(
        .configuration,
        "account '\(app.name)' is a store app, and a shared queue cannot work those yet; give its queue as a path"
      )
    }
    let watched = WatchedDescriptors()
    if let descriptor = configuration.descriptor { watched.add(descriptor) }
    let world: CurlWorld
    do throws(QueueError) {
      world = try CurlWorld(
        queue: nil, signals: signals, timeouts: Timeouts(), alsoWokenBy: watched.descriptor)
    } catch {
      throw Failure(error)
    }
    narrator.started(
      RunStart(
        pid: getpid(), queue: address.text, mode: arguments.mode,
        accounts: configuration.accounts.map(\.name)))
    var rejoining = Rejoining()
    while true {
      let session = ServerSession(address) { world.progress() }
      guard let shared = try join(session, world, narrator, arguments, service, &rejoining) else {
        return .done
      }
      if arguments.mode.hasEnd { gather(shared, world, configuration) }
      do throws(QueueError) {
        let result = try work(shared, world, configuration, arguments, narrator, service, watched)
        shared.leave(result.ending)
        let run = FinishedRun(
          result: result, loss: nil, queue: address.text, accounts: configuration.accounts)
        return run.finish(arguments, narrator)
      } catch {
        guard shared.isGone, world.stopRequests == 0 else { throw Failure(error) }
        narrator.tell(.storeFailed(error.description))
        world.dropCalls()
        rejoining.lost(at: world.clocks().sinceBoot)
      }
    }
  }

  /// Joins the queue. A run without an end waits for a server that cannot be reached. Nil if it was asked to end
  /// meanwhile.
  private static func join(
    _ session: ServerSession, _ world: CurlWorld, _ narrator: Narrator, _ arguments: WorkArguments,
    _ service: ServiceReport?, _ rejoining: inout Rejoining
  ) throws(Failure) -> SharedRun? {
    let reading = { world.clocks() }
    var isWaiting = rejoining.isAgain
    while world.clocks().sinceBoot < rejoining.from {
      _ = world.wait(milliseconds: 100)
      if world.stopRequests > 0 { return nil }
    }
    while true {
      do throws(LogError) {
        let log = try SharedLog(
          session, name: name, boot: reading().boot, clock: { reading().sinceBoot })
        let shared = try SharedRun(log, try mirror(), clocks: reading) { tell($0, narrator) }
        if isWaiting { narrator.tell(.storeRecovered) }
        rejoining.joined(at: world.clocks().sinceBoot)
        return shared
      } catch {
        let why = printable(error.sentence)
        guard error.isOfConnection, !arguments.mode.hasEnd else {
          throw Failure(.databaseNotUsable, why)
        }
        if !isWaiting { narrator.tell(.storeFailed(why)) }
        isWaiting = true
        _ = service?.look(.starting) { why }
        _ = world.wait(milliseconds: 500)
        if world.stopRequests > 0 { return nil }
      }
    }
  }

  /// Host and process, for people.
  private static var name: String {
    var bytes = [CChar](repeating: 0, count: 256)
    gethostname(&bytes, bytes.count - 1)
    let host = bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return "\(String(decoding: host, as: UTF8.self)) \(getpid())"
  }

  private static func mirror() throws(LogError) -> WorkerStore {
    do { return try WorkerStore.mirror() } catch {
      throw .refused("no local queue can be made: \(error)")
    }
  }

  /// A run that ends when nothing is left must have everything before it begins. If it does not get that, because the
  /// server cannot be reached for example, it begins all the same and says so.
  private static func gather(
    _ shared: SharedRun, _ world: CurlWorld, _ configuration: Configuration
  ) {
    let end = world.clocks().sinceBoot + .minutes(1)
    while !shared.isGone, world.stopRequests == 0, world.clocks().sinceBoot < end {
      _ = shared.step(configured: configuration.accounts)
      if shared.hasItsShare { return }
      _ = world.wait(milliseconds: min(shared.nap, 100))
    }
  }

  private static func work(
    _ shared: SharedRun, _ world: CurlWorld, _ configuration: Configuration,
    _ arguments: WorkArguments, _ narrator: Narrator, _ service: ServiceReport?,
    _ watched: WatchedDescriptors
  ) throws(QueueError) -> WorkResult {
    var isFirst = true
    let sharing = Work.Sharing(
      step: { accounts in
        let hasChanged = shared.step(configured: accounts)
        watched.replace(shared.descriptor)
        defer { isFirst = false }
        return hasChanged || isFirst ? shared.worked : nil
      }, nap: { shared.nap })
    return try Work.deliver(
      shared.store, world, configuration, arguments, narrator, service, sharing: sharing, nil)
  }

  private static func tell(_ error: LogError?, _ narrator: Narrator) {
    narrator.tell(error.map { .storeFailed(printable($0.sentence)) } ?? .storeRecovered)
  }
}
