import Delivery
import Foundation
import Larkspur
import Planning
import Testing

/// A queue on a real file, a simulated world, and runs of the real loop between them.
final class Bench {
  let folder: URL
  let path: String
  let feishu = SimulatedFeishu()
  let world: SimulatedWorld
  let intake: Intake
  var events: [WorkEvent] = []
  /// What the worker has reported about itself.
  var beats: [Heartbeat.Look] = []
  /// What it was doing after each look, and when.
  var looks: [(at: Int, phase: WorkPhase)] = []
  /// How long it may sleep; nil if nobody wants to know what it does.
  var longestNap: Span?
  /// The figures that it has shown for monitoring, and when.
  var figures: [(at: Int, figures: QueueFigures)] = []
  var settings: AccountSettings
  var secret: Result<String, SecretProblem> = .success("s3cret")
  /// Accounts besides `default`.
  var others: [AccountSettings] = []
  /// The configuration after an edit during the run, and whether the worker has read it.
  private var edited: [AccountSettings]?
  private var isRead = true
  /// Secrets that cannot be read, and why.
  var unreadable: [SecretSource: String] = [:]
  /// The content of the file with a user's access token.
  var userToken: Result<String, SecretProblem> = .success("u-1")
  /// The content of the file with an app ticket.
  var ticket: Result<String, SecretProblem> = .success("ticket-1")
  let start: Int
  /// If set, rows may point anywhere.
  private var isTamperedWith = false

  /// `script` makes the queue; nil makes a new one.
  init(seed: UInt64 = 1, from script: String? = nil) throws {
    folder = Self.root.appending(path: "\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.appending(path: "queue.db").path
    if let script {
      try Data().write(to: URL(filePath: path))
      let old = try Connection(path: path, mode: .readWrite)
      try old.run(script: "pragma journal_mode = wal; " + script)
    }
    let feishu = feishu
    world = SimulatedWorld(seed: seed) { feishu.respond(to: $0, at: $1) }
    intake = try Intake(queue: path)
    settings = AccountSettings(
      name: "default", host: "https://feishu.test", appID: "cli_1", secret: .environment("S"))
    start = world.now
  }

  /// Actions planned in a simulation refer to the bench, so a bench may outlive its test. Its files
  /// are removed when the process ends.
  private static let root: URL = {
    atexit { try? FileManager.default.removeItem(at: Bench.root) }
    return FileManager.default.temporaryDirectory.appending(path: "larkspur-\(UUID())")
  }()

  /// Writes an ask as another program would, stamped with the simulated wall clock.
  @discardableResult
  func ask(
    _ token: String, _ people: String..., after: Int = 0, expiresIn: Int? = nil,
    account: String = "default"
  ) -> Int {
    ask(token, audience: people.isEmpty ? .everyone : .people(people), after, expiresIn, account)
  }

  @discardableResult
  func ask(
    _ token: String, audience: Ask.Audience, _ after: Int = 0, _ expiresIn: Int? = nil,
    _ account: String = "default"
  ) -> Int {
    let body =
      switch audience {
      case .everyone: #"{"everyone":true}"#
      case .people(let people): #"{"open_ids":\#(JSONText.list(people))}"#
      }
    do {
      try intake.db.execute(
        """
        insert into ask (account, lane, body, after_ms, expires_in_ms, asked_ms)
        values (?, ?, ?, ?, ?, ?)
        """, .text(account), .text(token), .text(body), .int(after), .of(expiresIn),
        .int(world.now + world.wallOffset))
      return intake.db.lastInsertID
    } catch {
      Issue.record("asking failed: \(error)")
      return 0
    }
  }

  /// No access token is available before this time has passed, and until then lanes wait.
  func withholdTokens(for span: Int) {
    feishu.tokenAnswer = { [start] _, at in
      at < start + span ? .neverLeft("no") : AccessTokens.token("t-1")
    }
  }

  /// Changes the queue with the schema's triggers switched off.
  func tamper(_ script: String) {
    isTamperedWith = true
    do {
      let triggers = try intake.db.all("select name, sql from sqlite_schema where type = 'trigger'")
      {
        (row) throws(StoreError) in (name: row.text(0), sql: row.text(1))
      }
      try intake.db.transaction { () throws(StoreError) in
        for trigger in triggers { try intake.db.run(script: "drop trigger \(trigger.name)") }
        try intake.db.run(script: script)
        for trigger in triggers { try intake.db.run(script: trigger.sql) }
      }
    } catch {
      Issue.record("changing rows failed: \(error)")
    }
  }

  /// Changes the queue with the triggers on.
  func sql(_ script: String) {
    do { try intake.db.run(script: script) } catch { Issue.record("it is refused: \(error)") }
  }

  /// An ask in plain SQL.
  @discardableResult
  func ask(kind: String, _ lane: String, _ body: String, expiresIn: Int? = nil) -> Int {
    do {
      try intake.db.execute(
        "insert into ask (kind, lane, body, asked_ms, expires_in_ms) values (?, ?, ?, ?, ?)",
        .text(kind), .text(lane), .text(body), .int(world.now + world.wallOffset),
        .of(expiresIn))
      return intake.db.lastInsertID
    } catch {
      Issue.record("asking failed: \(error)")
      return 0
    }
  }

  /// A batch that deletes this element; `more` is appended to the body.
  @discardableResult
  func batch(_ card: String, _ element: String, _ more: String = "") -> Int {
    ask(
      kind: "card", card,
      #"{"actions":[{"action":"delete_elements","params":{"element_ids":["\#(element)"]}}]\#(more)}"#
    )
  }

  @discardableResult
  func write(_ session: String, _ fields: String) -> Int { ask(kind: "session", session, fields) }

  /// Edits the configuration of the running worker.
  func edit(_ change: (inout [AccountSettings]) -> Void) {
    var accounts = edited ?? [settings] + others
    change(&accounts)
    edited = accounts
    isRead = false
  }

  @discardableResult
  func run(
    _ goal: WorkMode.Goal = .untilEmpty, for limit: Int? = nil
  ) throws -> WorkResult {
    let store = try WorkerStore(queue: path, patience_ms: 1)
    let worker = Worker(
      store: store, world: world, accounts: [settings] + others,
      mode: WorkMode(goal: goal, limit: limit), callTimeout: 10_000,
      readSecret: { [unowned self] source in
        if let why = unreadable[source] { return .failure(SecretProblem(why)) }
        if source == .file("ticket") { return ticket }
        return source == .file("user") ? userToken : secret
      },
      report: { [unowned self] in events.append($0) })
    if let longestNap {
      worker.onLook = { [unowned self] phase in
        looks.append((world.now, phase))
        return longestNap
      }
    }
    worker.onBeat = { [unowned self] in beats.append($0) }
    worker.onFigures = { [unowned self] in figures.append((world.now, $0)) }
    worker.readConfiguration = { [unowned self] _ in
      defer { isRead = true }
      return isRead ? nil : edited
    }
    let result = try worker.run()
    if isTamperedWith { return result }
    let orphans = try Inspector(queue: path).rows("pragma foreign_key_check").rows
    #expect(orphans.isEmpty, "rows point at rows that are not there")
    return result
  }

  func state(_ ask: Int) throws -> AskState? { try intake.state(of: ask) }

  func number(_ sql: String) throws -> Int {
    try Inspector(queue: path).rows(sql).rows.first.map { row in
      if case .int(let number)? = row.first { number } else { 0 }
    } ?? 0
  }

  /// The run as a timetable: when each token arrived, and for which users.
  var timetable: String {
    feishu.arrivals.map { arrival in
      let people = arrival.people?.joined(separator: " ") ?? "everyone"
      return "\(arrival.at - start) ms  \(arrival.tokens.joined(separator: " ")) for \(people)"
    }.joined(separator: "\n")
  }
}
