import Delivery
import Glibc
import Planning

@testable import Larkspur

/// A queue on a real file that is emptied for each input, and runs of the real loop with a clock
/// that jumps.
@MainActor final class Rehearsal {
  let store: WorkerStore
  /// For asks in plain SQL. The worker's own connection runs no triggers, so it checks nothing.
  let people: Connection
  /// On the wall clock.
  nonisolated static let asked_ms = 1_700_000_000_000

  /// How Feishu answers a request.
  typealias Feishu = (Request) -> Outcome

  /// One serves all inputs of a run, because making a queue takes longer than most inputs.
  init() {
    do {
      let place = Self.place()
      store = try WorkerStore(queue: place)
      people = try Connection(path: place, mode: .readWrite)
      try store.db.run(script: "pragma synchronous = off")
      try people.run(script: "pragma synchronous = off")
    } catch {
      fatalError("no queue can be made: \(error)")
    }
  }

  /// Where queues may be made. scripts/fuzz removes the folder.
  static func place() -> String {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    return "\(folder)/fuzz-\(getpid())-\(UInt32.random(in: .min ... .max)).db"
  }

  /// Empties the queue, as if nothing had ever been asked.
  func empty() {
    // A failed transaction makes the store forget what it remembers of its rows.
    let failure = StoreError(code: 1, message: "", sql: "")
    try? store.transaction { () throws(StoreError) in throw failure }
    must { () throws(StoreError) in
      try store.transaction { () throws(StoreError) in
        for statement in Self.emptying { try store.db.execute(statement) }
      }
    }
  }

  private static let emptying: [StaticString] = [
    "delete from span", "delete from parcel", "delete from ask", "delete from lane",
    "delete from call",
    "delete from total", "delete from staleness", "delete from uncounted_ask",
    "delete from uncounted_call", "delete from refused_person", "delete from budget",
    "delete from audience",
    "delete from not_refreshed", "delete from tag", "delete from viewer", "delete from known_token",
    "delete from known_key",
    "delete from account", "delete from sqlite_sequence",
    "insert into account (name) values ('default')",
    """
    update worker set folded_ask = 0, control = 0, boot = null, offset_ms = 0, skew_ms = 0,
      newest_ms = 0, pruned_ms = 0, counted_ms = 0, counted_ask = 0, counted_call = 0,
      forgot_day = 0, forgot_ms = 0
    """,
  ]

  /// Works until nothing is left, with these accounts and `default`.
  func work(accounts: Set<String> = [], dice: Int = 1, _ feishu: @escaping Feishu) -> WorkResult {
    let world = JumpingWorld(dice: UInt64(dice), wall_ms: Self.asked_ms, feishu)
    let worker = Worker(
      store: store, world: world, accounts: accounts.union(["default"]).sorted().map(Self.account),
      mode: WorkMode(goal: .untilEmpty), callTimeout: 10_000,
      readSecret: { _ in .success("secret") }, report: { _ in })
    do {
      return try worker.run()
    } catch {
      fatalError("the worker failed: \(error)")
    }
  }

  private static func account(_ name: String) -> AccountSettings {
    AccountSettings(
      name: name, host: "https://\(name)", appID: "cli_1", secret: .environment("SECRET"))
  }

  /// All views can be read.
  func look() {
    must { () throws(StoreError) in
      for view in Self.views { try store.db.execute(view) }
      let orphan = try store.db.first("pragma foreign_key_check") {
        (row) throws(StoreError) in row.text(0)
      }
      expect(orphan == nil, "rows of \(orphan ?? "") point at rows that are not there")
    }
  }

  private static let views: [StaticString] = [
    "select * from queue", "select * from ready", "select * from in_flight", "select * from dead",
    "select * from idle", "select * from recent_calls", "select * from budgets",
    "select * from stats", "select * from spans", "select * from latency",
    "select * from sighting", "select * from previews", "select * from keys",
  ]

  /// Runs something that must never fail, whatever the input.
  func must<Result>(_ body: () throws(StoreError) -> Result) -> Result {
    do throws(StoreError) { return try body() } catch { fatalError("SQL fails: \(error)") }
  }
}

/// A clock that jumps to the next answer, or to the moment at which the loop wants to look again.
private final class JumpingWorld: World {
  private var now = BootMoment(ms: 1_000_000)
  private var dice: UInt64
  private let wall: Clocks
  private let feishu: Rehearsal.Feishu
  private var answers: [(at: BootMoment, tag: Int, outcome: Outcome)] = []
  private var steps = 0

  let stopRequests = 0

  init(dice: UInt64, wall_ms: Int, _ feishu: @escaping Rehearsal.Feishu) {
    self.dice = dice
    self.feishu = feishu
    wall = Clocks(skew: wall_ms - now.ms)
  }

  func clocks() -> ClockReading {
    ClockReading(wall: wall.wall(wall.queue(now)), sinceBoot: now, boot: "boot")
  }

  /// A linear congruential generator, stirred. Any numbers will do if they are the same for the
  /// same input.
  func random() -> UInt64 {
    dice = dice &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return dice ^ (dice >> 29)
  }

  func send(_ request: Request, tag: Int, earliest: BootMoment, latest: BootMoment) {
    expect(earliest <= now, "a turn takes no time here, and no call is written down ahead of it")
    answers.append((now + 20, tag, feishu(request)))
  }

  func progress() {}

  func wait(milliseconds: Int) -> [WorldEvent] {
    steps += 1
    expect(steps < 20_000, "the run never comes to its end")
    expect(milliseconds >= 0, "the loop waits for \(milliseconds) ms")
    guard let next = answers.first, next.at <= now + milliseconds else {
      now += milliseconds
      return []
    }
    answers.removeFirst()
    now = max(now, next.at)
    return [.finished(tag: next.tag, next.outcome, at: now)]
  }

  func forgetWrites() {}
}
