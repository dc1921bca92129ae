import Larkspur
import Planning
import PostgreSQL

/// The shared queue as one run of a worker sees it: what several workers must agree on.
///
/// Each statement is one transaction of the server. Every function that writes begins with the fence: once this run
/// was declared gone, it fails with `LogError.gone`.
package final class SharedLog {
  private let session: any LogSession
  private let clock: () -> BootMoment
  package private(set) var run: RunID
  /// Whether the server can wake it up.
  private(set) var hears = false
  /// Grows with everything that this run writes.
  private var beat = 0

  package init(
    _ session: any LogSession, name: String, boot: String?, clock: @escaping () -> BootMoment
  ) throws(LogError) {
    self.session = session
    self.clock = clock
    run = RunID(0)
    let rows = try ask(
      "select larkspur.join_queue($1, $2, $3)", [name, boot, String(SharedSchema.newest)])
    run = RunID(try Cells(rows.first).int(0))
    do throws(SessionError) {
      hears = try !session.isPooled()
      if hears { try session.listen(on: "larkspur_\(run.number)") }
    } catch {
      throw LogError(error)
    }
  }

  /// A beat, and what it brings.
  package struct LookReply: Sendable {
    package let newestAsk: Int
    package let transaction: TransactionID
    package let snapshot: Snapshot
    package let serverStarted: String
    /// Runs that live, with their beats.
    package let peers: [Watching.Peer]
    /// Runs that are gone and still hold accounts.
    package let left: [RunID]
  }

  /// `since` is the snapshot of the look before. A boot's looks are kept for the next run of that boot.
  package func look(
    isAsleep: Bool, since: Snapshot?, boot: String?, at now: BootMoment
  ) throws(LogError) -> LookReply {
    let rows = try ask(
      """
      select look.newest_ask, look.xact, look.snapshot, look.server_started, peer.id, peer.beat, peer.sleeps,
        peer.gone, peer.asked, peer.lost
      from larkspur.look($1, $2, $3, $4, $5, $6, $7)
      left join lateral json_to_recordset(look.runs)
        as peer (id bigint, beat bigint, sleeps boolean, gone boolean, asked boolean, lost boolean) on true
      """,
      [
        number, nextBeat(), isAsleep ? "true" : "false", since?.text, boot, String(now.ms),
        hears ? "true" : "false",
      ])
    let first = Cells(rows.first)
    guard let snapshot = Snapshot(try first.text(2)) else { throw .unreadable }
    var peers: [Watching.Peer] = []
    var left: [RunID] = []
    for row in rows {
      let cells = Cells(row)
      guard let id = row[4].flatMap({ Int($0) }) else { continue }
      if try cells.bool(7) {
        left.append(RunID(id))
      } else {
        peers.append(
          Watching.Peer(
            RunID(id), beat: try cells.int(5), isAsleep: try cells.bool(6),
            isAskedFor: try cells.bool(8), isSessionLost: try cells.bool(9)))
      }
    }
    return LookReply(
      newestAsk: try first.int(0), transaction: try first.transaction(1), snapshot: snapshot,
      serverStarted: try first.text(3), peers: peers, left: left)
  }

  /// What earlier runs of this boot have seen, oldest first.
  package func looks(ofBoot boot: String) throws(LogError) -> [(BootMoment, Snapshot)] {
    let rows = try ask(
      """
      select boot_ms, snapshot from larkspur.look
      where boot = $1 and server = pg_postmaster_start_time() order by boot_ms
      """, [boot])
    var looks: [(BootMoment, Snapshot)] = []
    for row in rows {
      let cells = Cells(row)
      guard let snapshot = Snapshot(try cells.text(1)) else { throw .unreadable }
      looks.append((BootMoment(ms: try cells.int(0)), snapshot))
    }
    return looks
  }

  /// Takes accounts that nobody holds, and returns those that are this run's now.
  package func take(_ names: [String]) throws(LogError) -> [String] {
    try ask(
      "select name from larkspur.take($1, $2, $3)", [number, nextBeat(), Self.array(names)]
    ).compactMap { $0[0] }
  }

  /// Declares a run gone, unless it has beaten since, and takes those of its accounts.
  package func takeOver(
    from dead: RunID, seenBeat: Int?, _ names: [String]
  ) throws(LogError) -> [String] {
    try ask(
      "select name from larkspur.take_over($1, $2, $3, $4, $5)",
      [
        number, nextBeat(), String(dead.number), seenBeat.map { String($0) }, Self.array(names),
      ]
    ).compactMap { $0[0] }
  }

  /// Writes what a pass of the loop has decided. Nothing of it may be sent before this returns.
  package func turn(_ doing: String) throws(LogError) {
    let n = nextBeat()
    do throws(LogError) {
      _ = try ask("select larkspur.turn($1, $2, $3)", [number, n, doing])
    } catch {
      guard case .unknown = error else { throw error }
      if try lastTurn() >= Int(n) ?? .max { return }
      throw .unreachable("the connection broke, and nothing was written")
    }
  }

  /// Lets accounts go, so that another run can take them.
  package func letGo(_ names: [String]) throws(LogError) {
    try turn(JSONText.object([("lets_go", JSONText.list(names))]))
  }

  package func keepUp() throws(LogError) {
    _ = try ask("select larkspur.upkeep()", [])
    _ = try ask("select larkspur.forget_unseen()", [])
  }

  package func leave(_ how: RunEnding) throws(LogError) {
    _ = try ask("select larkspur.leave_queue($1, $2, $3)", [number, nextBeat(), how.rawValue])
  }

  /// Whether something was asked for since the last time, for a run that sleeps. Does not wait.
  package func wasWoken() -> Bool { !session.takeHeard().isEmpty }

  package var descriptor: Int32? { session.descriptor }

  /// The number of the last turn that was written. Asked until there is an answer: until then nobody may guess.
  private func lastTurn() throws(LogError) -> Int {
    let deadline = clock() + Self.patience
    while true {
      do throws(LogError) {
        let rows = try ask("select larkspur.last_turn($1, $2)", [number, nextBeat()])
        guard let turn = rows.first?[0].flatMap({ Int($0) }) else { throw .gone }
        return turn
      } catch {
        if !error.isOfConnection { throw error }
        if clock() > deadline { throw .gone }
        session.rest(milliseconds: 100)
      }
    }
  }

  /// Others that can reach the server have declared this run gone by then.
  private static let patience: Span = .seconds(5)

  var number: String { String(run.number) }

  private func nextBeat() -> String {
    beat += 1
    return String(beat)
  }

  func ask(_ sql: String, _ values: [String?]) throws(LogError) -> [[String?]] {
    do throws(SessionError) {
      return try session.run(sql, values).rows
    } catch {
      throw LogError(error)
    }
  }

  /// Account names have no character that would have to be quoted.
  static func array(_ names: [String]) -> String { "{\(names.joined(separator: ","))}" }
}
