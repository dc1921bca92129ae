import Larkspur
import Planning
import PostgreSQL

/// The shared queue as one run of a worker sees it: what several workers must agree on.
///
/// Each statement is one transaction of the server. Every function that writes begins with the fence: once this run
/// was declared gone, it fails with `LogError.gone`.
package final class SharedLog {
  private let session: ServerSession
  package private(set) var run: RunID
  /// Whether the server can wake it up.
  private(set) var hears = false
  /// Grows with everything that this run writes.
  private var beat = 0

  package init(
    _ session: ServerSession, name: String, boot: String?
  ) throws(LogError) {
    self.session = session
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
        peer.gone, peer.asked
      from larkspur.look($1, $2, $3, $4, $5, $6)
      left join lateral json_to_recordset(look.runs)
        as peer (id bigint, beat bigint, sleeps boolean, gone boolean, asked boolean) on true
      """,
      [
        number, nextBeat(), isAsleep ? "true" : "false", since?.text, boot, String(now.ms),
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
            isAskedFor: try cells.bool(8)))
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

  /// Calls of earlier holders that may still count.
  package func inherited(
    _ names: [String], oldestLook: Snapshot?
  ) throws(LogError) -> [Inherited] {
    let rows = try ask(
      "select run, id, account, api, lanes, xact, answered from larkspur.inherit($1, $2)",
      [Self.array(names), oldestLook?.text])
    var calls: [Inherited] = []
    for row in rows {
      let cells = Cells(row)
      calls.append(
        Inherited(
          run: try cells.int(0), id: try cells.int(1), account: try cells.text(2),
          api: try cells.text(3),
          lanes: try cells.text(4).split(separator: " ").map { String($0) },
          call: InheritedCall(
            claimed: try cells.transaction(5),
            answered: row[6] == nil ? nil : try cells.transaction(6))))
    }
    return calls
  }

  /// Those of these channels that have ever made a call. Each is an account and the name of an API.
  package func haveCalled(_ channels: [[String]]) throws(LogError) -> Set<[String]> {
    let list = channels.map { channel in
      JSONText.object([
        ("account", JSONText.string(channel[0])), ("api", JSONText.string(channel[1])),
      ])
    }
    let rows = try ask(
      "select account, api from larkspur.have_called($1)", ["[\(list.joined(separator: ","))]"])
    return Set(rows.map { $0.compactMap { $0 } })
  }

  /// What earlier holders have left behind, as JSON.
  package func remembered(_ names: [String]) throws(LogError) -> String {
    try Cells(try ask("select larkspur.remembered($1)", [Self.array(names)]).first).text(0)
  }

  package struct Inherited: Sendable {
    package let run: Int
    package let id: Int
    package let account: String
    package let api: String
    package let lanes: [String]
    package let call: InheritedCall
  }

  /// All open asks of the accounts in `taken`, and what was asked for the others since a snapshot.
  package func pull(
    since: Snapshot?, taken: [String] = []
  ) throws(LogError) -> (Snapshot, [SharedAsk]) {
    let rows = try ask(
      """
      select snapshot, id, account, kind, lane, body, after_ms, expires_in_ms, urgent, asked_ms
      from larkspur.pull($1, $2, $3)
      """, [number, since?.text, Self.array(taken)])
    guard let snapshot = Snapshot(try Cells(rows.first).text(0)) else { throw .unreadable }
    return (snapshot, try Self.asks(in: rows, from: 1))
  }

  /// Those of these asks that are open and this run's.
  package func pullAgain(_ numbers: [Int]) throws(LogError) -> [SharedAsk] {
    let list = Self.array(numbers.map { String($0) })
    return try Self.asks(
      in: try ask("select * from larkspur.pull_again($1, $2)", [number, list]), from: 0)
  }

  /// The columns from `first` on are those of an ask; without a number there is none.
  private static func asks(in rows: [[String?]], from first: Int) throws(LogError) -> [SharedAsk] {
    var asks: [SharedAsk] = []
    for row in rows {
      let cells = Cells(Array(row.dropFirst(first)))
      guard let number = row[first].flatMap({ Int($0) }) else { continue }
      asks.append(
        SharedAsk(
          number: number, account: try cells.text(1), kind: try cells.text(2),
          lane: try cells.text(3), body: try cells.text(4), after: try cells.int(5),
          expiresIn: row[first + 6].flatMap { Int($0) }, isUrgent: try cells.int(7) == 1,
          asked: WallMoment(ms: try cells.int(8))))
    }
    return asks
  }

  /// What a person has said.
  package enum Word: Equatable, Sendable {
    case cancel(ask: Int)
    case retry(ask: Int)
    case resume(account: String)
  }

  /// What was said about this run's accounts since a snapshot.
  package func hear(since: Snapshot?) throws(LogError) -> (Snapshot, [Word]) {
    let rows = try ask(
      "select snapshot, what, account, ask_id from larkspur.hear($1, $2)", [number, since?.text])
    guard let snapshot = Snapshot(try Cells(rows.first).text(0)) else { throw .unreadable }
    var words: [Word] = []
    for row in rows {
      let cells = Cells(row)
      switch row[1] {
      case "cancel": words.append(.cancel(ask: try cells.int(3)))
      case "retry": words.append(.retry(ask: try cells.int(3)))
      case "resume": words.append(.resume(account: try cells.text(2)))
      default: break
      }
    }
    return (snapshot, words)
  }

  /// The previews that asks by key or URL among these stand for, as JSON; nil if there are no such asks.
  package func registered(for asks: [SharedAsk]) throws(LogError) -> String? {
    let wanted = asks.filter { Selector(rawValue: $0.kind) != nil }.map { ask in
      JSONText.object([
        ("account", JSONText.string(ask.account)), ("kind", JSONText.string(ask.kind)),
        ("name", JSONText.string(ask.lane)),
      ])
    }
    if wanted.isEmpty { return nil }
    let list = "[\(Set(wanted).sorted().joined(separator: ","))]"
    return try Cells(try ask("select larkspur.registered($1)", [list]).first).text(0)
  }

  /// Writes what a pass of the loop has decided. Nothing of it may be sent before this returns.
  package func turn(_ doing: String) throws(LogError) {
    let n = nextBeat()
    do throws(LogError) {
      _ = try ask("select larkspur.turn($1, $2, $3)", [number, n, doing])
    } catch {
      guard case .unknown = error else { throw error }
      if try lastBeat() >= Int(n) ?? .max { return }
      throw .unreachable("the connection broke, and nothing was written")
    }
  }

  /// Lets accounts go, so that another run can take them.
  package func letGo(_ names: [String]) throws(LogError) {
    try turn(JSONText.object([("lets_go", JSONText.list(names))]))
  }

  package func keepUp() throws(LogError) { _ = try ask("select larkspur.upkeep()", []) }

  package func leave(_ how: RunEnding) throws(LogError) {
    _ = try ask("select larkspur.leave_queue($1, $2, $3)", [number, nextBeat(), how.rawValue])
  }

  /// Whether something was asked for since the last time, for a run that sleeps. Does not wait.
  package func wasWoken() -> Bool { !session.takeHeard().isEmpty }

  package var descriptor: Int32? { session.descriptor }

  /// The number of the last turn that was written. Asked until there is an answer: until then nobody may guess.
  private func lastBeat() throws(LogError) -> Int {
    var tries = 0
    while true {
      do throws(LogError) {
        let rows = try ask("select larkspur.last_beat($1, $2)", [number, nextBeat()])
        guard let beat = rows.first?[0].flatMap({ Int($0) }) else { throw .gone }
        return beat
      } catch {
        tries += 1
        guard error.isOfConnection, tries < Self.triesToAsk else {
          throw error.isOfConnection ? .gone : error
        }
        session.rest(milliseconds: 100)
      }
    }
  }

  /// A connection is given up after some seconds, so this takes from half a minute to some minutes. Others have declared
  /// this run gone long before, if they can reach the server.
  private static let triesToAsk = 100

  private var number: String { String(run.number) }

  private func nextBeat() -> String {
    beat += 1
    return String(beat)
  }

  private func ask(_ sql: String, _ values: [String?]) throws(LogError) -> [[String?]] {
    do throws(SessionError) {
      return try session.run(sql, values).rows
    } catch {
      throw LogError(error)
    }
  }

  /// Account names have no character that would have to be quoted.
  private static func array(_ names: [String]) -> String { "{\(names.joined(separator: ","))}" }
}
