import Delivery
import Larkspur
import Planning

/// One run of a worker on a shared queue, from joining it to leaving it.
///
/// The worker's loop works a local queue that is thrown away. What comes for it is put there between two turns, and
/// what a turn has changed is written to the shared queue before the turn commits.
package final class SharedRun {
  let log: SharedLog
  package let store: WorkerStore
  let clocks: () -> ClockReading
  /// Told once when the shared queue cannot be used, with the reason, and with nil when it can be used again.
  private let report: (LogError?) -> Void

  var looks = Looks(memory: longestMemory)
  var watching = Watching()
  var roster: Roster
  /// Accounts of the configuration.
  var configured: [AccountSettings] = []
  /// Accounts that are this run's in the shared queue.
  var held: Set<String> = []
  /// Accounts that may be this run's although they are not among `held`: the reply that said so was lost, or what
  /// belongs to them could not be read.
  var doubtful: Set<String> = []
  /// Held accounts that belong to another run by now.
  var leaving: Set<String> = []
  /// Calls of dead runs that have no answer.
  var orphans: [Orphan] = []
  /// Everything that was asked for the held accounts up to here has been pulled.
  var pulled: Snapshot?
  var asksSeen = AsksSeen()
  /// When the server was started, as the first look said.
  var serverStarted: String?
  /// Everything that a person has said up to here has been done.
  var heard: Snapshot?
  var pace = LookPace()
  var nextCounts: BootMoment = .zero
  var nextFloors: BootMoment = .zero
  var nextUpkeep: BootMoment = .zero
  /// It has to end, and nothing of it can be written any more.
  package internal(set) var isGone = false
  private var hasTrouble = false

  /// How long ago something may be that is still to be dated: the longest call, and the longest window after it. Some
  /// APIs count the calls of a minute.
  private static let longestMemory: Span = .seconds(75)

  package init(
    _ log: SharedLog, _ store: WorkerStore, clocks: @escaping () -> ClockReading,
    report: @escaping (LogError?) -> Void
  ) throws(LogError) {
    self.log = log
    self.store = store
    self.clocks = clocks
    self.report = report
    roster = Roster([log.run])
    let reading = clocks()
    // A run of the same boot goes on from what the one before it has seen, on the same clock.
    if let boot = reading.boot {
      for (moment, snapshot) in try log.looks(ofBoot: boot) where moment <= reading.sinceBoot {
        looks.note(snapshot, received: moment)
      }
    }
    try receive { () throws(StoreError) in try store.setClock(reading, charged: []) }
    store.beforeCommit = { [unowned self] () throws(StoreError) in try self.write() }
  }

  var now: BootMoment { clocks().sinceBoot }

  /// The accounts that the loop is to work.
  package var worked: Set<String> { held.subtracting(leaving) }

  /// Readable when something was asked for, or the session has ended.
  package var descriptor: Int32? { log.descriptor }

  /// How long the loop may sleep.
  package var nap: Span { max(0, pace.next - now) }

  /// What is done between two turns. Returns whether the accounts that the loop is to work have changed.
  package func step(configured accounts: [AccountSettings]) -> Bool {
    configured = accounts
    let before = worked
    do throws(LogError) {
      if now >= pace.nextLook { try look() }
      // Read in any case: what stays unread would wake the loop again and again.
      let isWoken = log.wasWoken()
      if isWoken { try hear() }
      if isWoken || now >= pace.nextPull { try pull() }
      tell(nil)
    } catch {
      // That is told where the run ends.
      if error == .gone { isGone = true } else { tell(error) }
      pace.noteTrouble(at: now)
    }
    // The loop has to end, and it meets errors where it writes.
    if isGone { store.noteArrival() }
    return worked != before
  }

  /// Whether all that belongs to this run is here. Before that a run that is to end when nothing is left would end too
  /// early.
  package var hasItsShare: Bool { knowsEnough && Set(share).isSubset(of: held) }

  /// In good order: everything is settled.
  package func leave(_ how: RunEnding) {
    do throws(LogError) {
      try writeCounts()
      try log.leave(how)
    } catch {
      tell(error)
    }
  }

  /// What comes from the shared queue goes into the local one.
  func receive(_ body: () throws(StoreError) -> Void) throws(LogError) {
    try local { () throws(StoreError) in try store.receive(body) }
  }

  /// The local queue is in memory, so an error of it has no cure.
  func local<Result>(_ body: () throws(StoreError) -> Result) throws(LogError) -> Result {
    do throws(StoreError) {
      return try body()
    } catch {
      throw .refused("the local queue fails: \(error.message)")
    }
  }

  private func tell(_ error: LogError?) {
    if (error != nil) != hasTrouble { report(error) }
    hasTrouble = error != nil
  }
}
