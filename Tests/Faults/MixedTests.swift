import Chance
import Foundation
import Programs
import Testing

/// Everything at once, as on a machine that many people use.
@Suite(.onOwnThreads, .timeLimit(Soak.bound)) struct MixedTests {
  private static let length = Duration.seconds(15 * Soak.factor)
  /// Nothing that takes minutes to deliver.
  private static let ways = Enqueuer.Way.allCases.filter { $0 != .manyPreviews }

  @Test
  func `kills, locks, readers that stay and people with SQL together lose nothing`() async throws {
    let trial = try Trial(#function, sandbox: ["--latency", "60ms", "--latency-spread", "60ms"])
    var worker = try trial.place.startWork("--quiet")
    var vandal = try Vandal(at: trial.place, Soak.dice("mixed vandal"))
    let reader = try Shell(at: trial.place)
    let holder = try Shell(at: trial.place)
    let end = ContinuousClock.now + Self.length
    while ContinuousClock.now < end {
      switch trial.dice.number(0...9) {
      case 0:
        worker.kill(SIGKILL)
        _ = try await worker.finished()
        worker = try trial.place.startWork("--quiet")
      case 1: try reader.type("begin; select count(*) from ask;")
      case 2: try reader.type("rollback;\npragma wal_checkpoint(truncate);")
      case 3: try holder.type("begin immediate; \(Self.work(trial.dice.number(0...400))) rollback;")
      case 4: try look(at: trial.place, trial.dice.pick(["status", "list"]))
      default: for _ in 0..<trial.dice.number(1...20) { try vandal.strike() }
      }
      try await trial.ask(Self.ways)
    }
    for shell in [reader, holder] { try await shell.leave() }
    _ = try await vandal.leave()
    let isDone = try await soon(within: 120) {
      try trial.place.number(
        """
        select count(*) from ask where outcome is null and (
          lane glob 'token_*' or lane glob 'card_*' or lane in ('session_1', 'session_2'))
        """) == 0
    }
    #expect(isDone, "LARKSPUR_SEED=\(Soak.seed)\n\(worker.errors)")
    worker.kill(SIGTERM)
    let stopped = try await worker.finished()
    #expect(stopped.status == 0, "LARKSPUR_SEED=\(Soak.seed)\n\(stopped.err)")
    let findings = try RecordJudge(
      record: trial.place.record, queue: trial.place.queue, accepted: trial.accepted,
      lanes: Vandal.leavesAlone
    ).findings()
    #expect(findings.isEmpty, "LARKSPUR_SEED=\(Soak.seed)\n\(findings.joined(separator: "\n"))")
  }

  /// SQL that takes SQLite about this many milliseconds.
  private static func work(_ milliseconds: Int) -> String {
    """
    with recursive n(i) as (select 1 union all select i + 1 from n where i < \(milliseconds * 4_000))
    select max(i) from n;
    """
  }

  private func look(at place: Place, _ command: String) throws {
    let looked = try Programs.run("larkspur", [command], place.environment)
    #expect(looked.status == 0, "\(looked.err)")
  }
}

/// A person with `sqlite3` open.
private struct Shell {
  private let sqlite: Started
  private let input = Pipe()

  init(at place: Place) throws {
    sqlite = try Programs.startOther("sqlite3", [place.queue], input: input)
    try type(".timeout 10000")
  }

  func type(_ line: String) throws {
    try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
  }

  func leave() async throws {
    try input.fileHandleForWriting.close()
    _ = try await sqlite.finished()
  }
}
