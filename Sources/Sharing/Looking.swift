import Larkspur
import Planning

/// Looks: who else is here, and which accounts belong to whom.
extension SharedRun {
  func look() throws(LogError) {
    let reading = clocks()
    pace.looks(
      mayDoze: knowsEnough && leaving.isEmpty && doubtful.isEmpty && orphans.isEmpty
        && now < nextUpkeep,
      at: reading.sinceBoot)
    let reply = try log.look(
      isAsleep: pace.isAsleep, since: looks.newest, boot: reading.boot, at: reading.sinceBoot)
    let received = now
    // After a failover the last turns may be missing, and numbers of transactions are given again. So this run ends, and
    // the next one waits until it has looked on for long enough.
    guard serverStarted ?? reply.serverStarted == reply.serverStarted else { throw .gone }
    serverStarted = reply.serverStarted
    looks.note(reply.snapshot, received: received)
    asksSeen.note(newest: reply.newestAsk, before: reply.transaction)
    if !asksSeen.areAllIn(pulled) { pace.needsPull(at: received) }
    let others = reply.peers.filter { $0.run != log.run }
    let dead = watching.gone(after: others, received: received, took: received - reading.sinceBoot)
    if watching.hasDoubts { pace.noteActivity(at: received) }
    roster = Roster(others.map(\.run).filter { !dead.contains($0) } + [log.run])
    // Before, it could not say how long ago the calls of others were.
    guard knowsEnough else { return }
    // Also of a run that sleeps: what was said just before the server knew that, it was not woken for.
    try hear()
    for peer in others where dead.contains(peer.run) {
      try takeOver(from: peer.run, seenBeat: peer.beat)
    }
    for run in reply.left { try takeOver(from: run, seenBeat: nil) }
    try takeShare()
    try letGo()
    try closeOrphans()
    try raiseFloors(reply, at: received)
    try keepUp(at: received)
  }

  private func takeOver(from run: RunID, seenBeat beat: Int?) throws(LogError) {
    noteWrite()
    doubtful.formUnion(share)
    try arrive(try log.takeOver(from: run, seenBeat: beat, share))
    doubtful.subtract(share)
  }

  /// Everything that is written but a look says that this run is awake. If it slept on, others would find its beat
  /// standing still.
  func noteWrite() { pace.noteActivity(at: now) }

  /// Whether it can be told of every call how long ago it was.
  var knowsEnough: Bool { looks.reach(backTo: now - Self.longestSlot) }

  /// The longest time after an answer for which a lane has to wait.
  private static let longestSlot =
    Kind.allCases.map { max($0.rules.pace.afterAnswer, $0.rules.pace.afterStart) }.max() ?? 0

  var share: [String] { configured.map(\.name).filter { roster.worker(of: $0) == log.run } }

  private func takeShare() throws(LogError) {
    let share = share
    leaving = held.subtracting(share)
    let wanted = share.filter { !held.contains($0) }
    if wanted.isEmpty { return }
    noteWrite()
    doubtful.formUnion(wanted)
    try arrive(try log.take(wanted))
    doubtful.subtract(wanted)
  }

  /// Lets accounts go that belong to another run by now, once nothing of them is under way.
  private func letGo() throws(LogError) {
    try letGoOfDoubtful()
    if leaving.isEmpty { return }
    let idle = try local { () throws(StoreError) in
      var idle: [String] = []
      for name in leaving where try store.isOutOfWork(name) { idle.append(name) }
      return idle
    }
    if idle.isEmpty { return }
    try writeCounts()
    noteWrite()
    try log.letGo(idle)
    held.subtract(idle)
    leaving.subtract(idle)
    // Their next holder finds them again.
    orphans.removeAll { idle.contains($0.account) }
    try receive { () throws(StoreError) in for name in idle { try store.dropAsks(of: name) } }
  }

  /// What is still this run's share is taken once more. The rest belongs to another run, which would wait for it for as
  /// long as this one lives. The statement whose reply was lost cannot be carried out after this one: its beat is lower.
  private func letGoOfDoubtful() throws(LogError) {
    let others = doubtful.subtracting(share).subtracting(held)
    if !others.isEmpty {
      noteWrite()
      try log.letGo(others.sorted())
    }
    doubtful.subtract(others)
  }
}
