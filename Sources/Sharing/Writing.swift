import Larkspur
import Planning

/// What goes from the local queue into the shared one.
extension SharedRun {
  /// Called before each turn of the loop commits. Throws if the turn is not in the shared queue.
  func write() throws(StoreError) {
    if isGone { throw StoreError(.lost, message: LogError.gone.sentence) }
    let boot = now
    let withCounts = boot >= nextCounts
    let moment = store.clocks.queue(boot)
    guard let text = try store.outbox(withCounts: withCounts, at: moment) else { return }
    noteWrite()
    do throws(LogError) {
      try log.turn(text)
    } catch {
      if error.isOfConnection { throw StoreError(.transient, message: error.sentence) }
      isGone = true
      throw StoreError(.lost, message: error.sentence)
    }
    try store.emptyOutbox(withCounts: withCounts)
    if withCounts { nextCounts = boot + .seconds(1) }
  }

  /// Before accounts are let go, and at the end: the calls of the last second have not been counted yet, and a run that
  /// is shorter than that would count none.
  func writeCounts() throws(LogError) {
    let moment = store.clocks.queue(now)
    let text = try local { () throws(StoreError) in
      try store.outbox(withCounts: true, at: moment)
    }
    guard let text else { return }
    noteWrite()
    try log.turn(text)
    try local { () throws(StoreError) in try store.emptyOutbox(withCounts: true) }
  }

  /// Once a second, so that an heir need not read asks that have ended long ago.
  func raiseFloors(_ reply: SharedLog.LookReply, at now: BootMoment) throws(LogError) {
    if now < nextFloors { return }
    let floors = try local { () throws(StoreError) in
      try store.floors(newest: reply.newestAsk, asOf: String(reply.transaction.number))
    }
    guard let floors else { return }
    noteWrite()
    try log.turn(JSONText.object([("floors", floors)]))
    try local { () throws(StoreError) in try store.forgetFloors() }
    nextFloors = now + .seconds(1)
  }

  /// Once an hour: next partitions, and what is too old. Another run may be at it; then there is nothing to do.
  func keepUp(at now: BootMoment) throws(LogError) {
    if now < nextUpkeep { return }
    noteWrite()
    try log.keepUp()
    nextUpkeep = now + .hours(1)
  }

  /// Gives calls of dead runs an end once they can no longer arrive. Before that another heir would take the moment of
  /// this answer for that of the call's arrival.
  func closeOrphans() throws(LogError) {
    let boot = now
    let over = orphans.filter { $0.isOver <= boot }
    if over.isEmpty { return }
    noteWrite()
    try log.turn(
      JSONText.object([("answers", "[\(over.map(\.answer).joined(separator: ","))]")]))
    orphans.removeAll { $0.isOver <= boot }
  }
}
