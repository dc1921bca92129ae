import Foundation
import Planning
import Testing

@testable import Command
@testable import Larkspur

/// What `status` and `list` say about the worker.
struct WorkerReportTests {
  private let heartbeat = Heartbeat(
    pid: 12, version: "0.1.0", boot: "boot-1", started: WallMoment(ms: 1_000),
    look: .init(
      wall: WallMoment(ms: 2_000), sinceBoot: BootMoment(ms: 500), next: BootMoment(ms: 60_500),
      lastCall: WallMoment(ms: 1_900),
      stuck: [
        Stuck(.noSecret, account: "shop", why: "no file"),
        Stuck(.queue, account: nil, why: "the disk is full\u{1b}[31m"),
      ], stuckMore: 3))

  private func report(
    _ sight: WorkerSight, after span: Span = 1_000, boot: String = "boot-1",
    asksWait: Span? = nil, account: String? = nil
  ) -> WorkerReport {
    let now = ClockReading(
      wall: .zero, sinceBoot: heartbeat.look.sinceBoot + span, boot: boot)
    return WorkerReport(
      queue: "/q.db", sight: sight, at: now, asksWait: asksWait, account: account)
  }

  private var worker: WorkerSight { .worker(owner: "process 12", heartbeat) }

  /// Without the times, which are local.
  private func lines(_ report: WorkerReport) -> [String] {
    report.lines.map { line in
      line.joined(separator: "|").replacing(#/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/#, with: "<moment>")
    }
  }

  @Test func `a working worker, and what it is stuck on`() {
    #expect(
      lines(report(worker)) == [
        "worker|process 12, larkspur 0.1.0, working since <moment>",
        "|last look <moment>, last call <moment>, last success none",
        "stuck|account 'shop' has no app secret: no file",
        #"|the disk is full\u{1b}[31m"#,
        "|and 3 more",
      ])
  }

  @Test func `one that does not respond is told from it`() {
    #expect(
      lines(report(worker, after: 90_000)).prefix(2) == [
        "worker|process 12, larkspur 0.1.0, running since <moment>",
        "|not responding: stopped (Ctrl-Z, SIGSTOP) or hung; see: ps -o pid,stat,wchan,args -p 12; "
          + "if it was stopped, continue it: kill -CONT 12",
      ])
    let silent = report(worker, after: 90_000).obstacles[0]
    #expect(silent.contains("has not looked at the queue since"))
    #expect(report(worker, after: 20_000, asksWait: 19_000).pulse == .notResponding)
    #expect(report(worker, after: 20_000).pulse == .working)
  }

  @Test func `on another clock nothing is claimed`() {
    let report = report(worker, boot: "boot-2")
    #expect(lines(report)[1] == "|cannot tell from here whether it still responds")
  }

  @Test func `what the last worker was stuck on is told as of then`() {
    #expect(
      lines(report(.nobody(last: heartbeat))).prefix(3) == [
        "worker|no worker is running; start one with 'larkspur work'",
        "|the last worker was process 12: last look <moment>, last call <moment>, last success none",
        "|it was stuck: account 'shop' has no app secret: no file",
      ])
    #expect(
      report(.nobody(last: heartbeat)).obstacles == [
        "no worker is running; start one with 'larkspur work'"
      ])
  }

  @Test func `a worker that says nothing is one all the same`() {
    #expect(
      lines(report(.worker(owner: "process 12", nil))) == [
        "worker|process 12; no heartbeat yet: it is still starting, or is another version"
      ])
  }

  @Test func `a lock file that may not be read is no error`() {
    #expect(
      lines(report(.hidden(EACCES))) == [
        "worker|unknown: cannot read /q.db.worker: permission denied"
      ])
    #expect(report(.hidden(EACCES)).object.text.hasPrefix(#"{"state":"unreadable","pid":null,"#))
  }

  @Test func `an account hears of itself and of the queue`() {
    #expect(report(worker, account: "shop").stuck.count == 2)
    #expect(report(worker, account: "other").stuck.map(\.reason) == [.queue])
  }

  @Test func `for programs it is an object`() {
    let text = report(worker).object.text.replacing(
      #/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?/#, with: "<moment>")
    #expect(
      text == #"""
        {"state":"working","pid":12,"version":"0.1.0","since":"<moment>","last_look":"<moment>",\#
        "next_look":"<moment>","last_call":"<moment>","last_success":null,"stuck":[\#
        {"account":"shop","reason":"no_secret","calls":null,"why":"no file"},\#
        {"account":null,"reason":"queue","calls":null,"why":"the disk is full\u001b[31m"}],\#
        "stuck_more":3}
        """#)
    #expect(report(worker, after: 90_000).object.text.hasPrefix(#"{"state":"not_responding""#))
    #expect(report(.nobody(last: nil)).object.text.hasPrefix(#"{"state":"not_running""#))
  }
}

/// The same with the built program. This test plays the worker.
struct WorkerSeenTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    _ = try place.run("enqueue", "preview", "A", "--everyone")
  }

  /// What a worker makes of the ask.
  private static let folded = """
    insert into account (id, name) values (1, 'default') on conflict do nothing;
    insert into audience (id, account_id, hash, used_ms) values (1, 1, 0, 0);
    insert into lane (id, account_id, kind, name, state, audience_id, since_ms, ready_ms)
      select id, 1, 'preview', lane, 'waiting', 1, asked_ms, asked_ms from ask;
    update ask set lane_id = id, audience_id = 1, first_call = 1;
    update worker set folded_ask = (select max(id) from ask);
    """

  private func asWorker(
    looked ago: Span, next span: Span, stuck: [Stuck] = [], _ body: () throws -> Void
  ) throws {
    guard case .taken(let lock) = try WorkerLock.take(queue: place.queue) else {
      Issue.record("somebody else works a queue that was just made")
      return
    }
    let now = SystemClocks.read(boot: SystemClocks.bootID())
    let pen = lock.pen(boot: now.boot, at: now.wall)
    let looked = now.sinceBoot - ago
    pen?.write(
      .init(wall: now.wall - ago, sinceBoot: looked, next: looked + span, stuck: stuck))
    try body()
    _ = consume lock
  }

  @Test func `the status tells a working worker from one that does not respond`() throws {
    try asWorker(looked: 1_000, next: 60_000) { () throws in
      #expect(try place.run("status").output.contains(", working since 20"))
      #expect(try place.run("status", "--json").output.contains(#""state":"working""#))
    }
    try asWorker(looked: 60_000, next: 5_000) { () throws in
      let ended = try place.run("status")
      #expect(ended.code == 0 && ended.output.contains("not responding: stopped"))
      #expect(try place.run("status", "--json").output.contains(#""state":"not_responding""#))
    }
  }

  @Test func `an ask that waits shows that an idle worker is stopped`() throws {
    try place.asWorker("update ask set asked_ms = asked_ms - 60000")
    try asWorker(looked: 30_000, next: 60_000) { () throws in
      #expect(try place.run("status").output.contains("not responding: stopped"))
      let sentences = try place.run("list").sentences
      #expect(sentences.contains("the worker has not looked at the queue since 20"))
    }
  }

  @Test func `a list of what waits says what stands in its way`() throws {
    #expect(
      try place.run("list").sentences
        == "larkspur: no worker is running; start one with 'larkspur work'\n")
    #expect(try place.run("list", "--quiet").sentences == "")
    #expect(try place.run("list", "--state", "new", "--json").sentences.contains("no worker"))
    try asWorker(
      looked: 0, next: 60_000, stuck: [Stuck(.noSecret, account: "default", why: "no file")]
    ) { () throws in
      #expect(
        try place.run("list").sentences
          == "larkspur: stuck: account 'default' has no app secret: no file\n")
      let status = try place.run("status").output
      #expect(status.contains("\nstuck    account 'default' has no app secret: no file\n"))
    }
    try asWorker(looked: 0, next: 60_000) { () throws in
      #expect(try place.run("list").sentences == "")
    }
  }

  @Test func `what is dead waits for nobody`() throws {
    try place.asWorker(
      """
      insert into lane (id, account_id, kind, name, state) values (1, 1, 'preview', 'A', 'idle');
      update ask set outcome = 'dead', ended_ms = 0, reason = 'no', lane_id = 1, first_call = 1;
      """)
    let ended = try place.run("list", "--state", "dead")
    #expect(ended.output.contains("DEAD") || ended.output.contains("REASON"))
    #expect(ended.sentences == "")
  }

  @Test func `after the worker has ended, the status tells what it was stuck on`() throws {
    try asWorker(
      looked: 0, next: 60_000, stuck: [Stuck(.parked, account: "default", why: "no")]
    ) {}
    let text = try place.run("status").output
    #expect(text.contains("worker   no worker is running; start one with 'larkspur work'\n"))
    #expect(text.contains("         the last worker was process \(getpid()): last look 20"))
    #expect(text.contains("         it was stuck: account 'default' is parked: no\n"))
    let json = try place.run("status", "--json").output
    #expect(
      json.contains(#""worker":null"#)
        && json.contains(#""state":"not_running","pid":\#(getpid())"#))
  }

  @Test func `the check says that no worker runs, or that it does not respond, and since when`()
    throws
  {
    try asWorker(looked: 1_000, next: 60_000) { () throws in
      #expect(try place.run("status", "--check").output == "all is well\n")
      #expect(try place.run("status", "--check", "--quiet").output == "")
    }
    try place.asWorker("update ask set asked_ms = asked_ms - 60000")
    try asWorker(looked: 30_000, next: 60_000) { () throws in
      let stopped = try place.run("status", "--check")
      #expect(
        stopped.output.hasPrefix(
          "nothing is late yet, but the worker does not respond (last look 3")
          && stopped.output.hasSuffix("continue it: kill -CONT \(getpid())\n"), "\(stopped.output)")
      #expect(stopped.code == 0)
      #expect(!(try place.run("status", "--check", "--quiet").output.isEmpty))
    }
    let ended = try place.run("status", "--check")
    #expect(
      ended.output.hasPrefix("all is well; no worker is running (last look 3"),
      "\(ended.output)")
    #expect(ended.code == 0)
    let quiet = try place.run("status", "--check", "--quiet")
    #expect(quiet.code == 0 && quiet.output == "" && quiet.sentences == "")
    try place.asWorker("update ask set asked_ms = asked_ms - 600000")
    let late = try place.run("status", "--check", "--quiet")
    #expect(
      late.code == 1 && late.output.contains("; no worker is running (last look 3"),
      "\(late.output)")
  }

  @Test
  func `the check is not stuck on what was cancelled, nor on a parked account that was resumed`()
    throws
  {
    try place.asWorker(
      "insert into account (id, name) values (1, 'default') on conflict do nothing")
    let stuck = Stuck(.refused, account: "default", calls: "preview", why: "230001 bad_token_x")
    try asWorker(looked: 0, next: 60_000, stuck: [stuck]) {}
    let before = try place.run("status", "--check")
    #expect(before.code == 1 && before.output.hasPrefix("stuck: "), "\(before.output)")
    #expect(try place.run("cancel", "A").code == 0)
    let after = try place.run("status", "--check")
    #expect(after.code == 0 && after.output.hasPrefix("all is well; "), "\(after.output)")
    try asWorker(looked: 0, next: 60_000, stuck: [Stuck(.parked, account: "default", why: "no")]) {}
    #expect(try place.run("status", "--check").code == 0)
  }

  @Test func `explain and plan say that the worker does not respond`() throws {
    try asWorker(looked: 60_000, next: 5_000) { () throws in
      let text = try place.run("explain", "A").output
      #expect(text.contains(": new, goes once the worker responds\n"), "\(text)")
      #expect(
        text.contains("  worker stopped  the worker does not respond: stopped (Ctrl-Z, SIGSTOP)"),
        "\(text)")
      #expect(text.contains("kill -CONT \(getpid())     <- decides"), "\(text)")
      let json = try place.run("explain", "A", "--json").output
      #expect(json.contains(#""goes_at":null"#) && json.contains(#""code":"no_worker""#))
      #expect(
        try place.run("plan").sentences.hasSuffix(
          "; the worker does not respond, and is assumed to go on now\n"))
    }
    try asWorker(looked: 1_000, next: 60_000) { () throws in
      #expect(!(try place.run("explain", "A").output.contains("respond")))
    }
  }

  @Test func `without a worker, explain says when a pause ends`() throws {
    try place.asWorker(
      """
      \(Self.folded)
      insert into budget (account_id, api, paused_ms, paused_why, paused_for)
        select 1, 'preview', now_ms + 600000, '99991400 slow down', 'paused' from clock;
      """)
    let text = try place.run("explain", "A").output
    let headline =
      #/: paused, goes once a worker runs, at (\d{4}-\d\d-\d\d )?[\d:.]+ at the earliest\n/#
    #expect(text.contains(headline), "\(text)")
  }

  @Test func `a network that keeps the access token away is not called credentials`() throws {
    try place.asWorker(
      """
      \(Self.folded)
      insert into budget (account_id, api, paused_ms, paused_why, paused_for)
        select 1, 'auth', now_ms + 60000, 'could not connect to 192.0.2.1', 'paused' from clock;
      """)
    let text = try place.run("explain", "A").output
    #expect(text.contains("  access token  no access token can be fetched until "), "\(text)")
    #expect(text.contains("; could not connect to 192.0.2.1\n"), "\(text)")
    #expect(!text.contains("  credentials"), "\(text)")
  }

  @Test func `a forecast says that Feishu cannot be reached now`() throws {
    let stuck = Stuck(.unreachable, account: "default", why: "could not connect to 192.0.2.1")
    try asWorker(looked: 0, next: 60_000, stuck: [stuck]) { () throws in
      let text = try place.run("forecast").output
      #expect(
        text.contains(
          "; stuck now: calls of account 'default': could not connect to 192.0.2.1"), "\(text)")
    }
  }

  @Test(arguments: ["", "process 1\n", "\u{0}\u{1b}[31m", "larkspur heartbeat 1\n"])
  func `nonsense in the lock file is no worker and no error`(text: String) throws {
    _ = try place.write(text, to: "queue.db.worker")
    let ended = try place.run("status")
    #expect(ended.code == 0 && ended.sentences == "")
    #expect(
      ended.output.contains(
        "worker   no worker is running; start one with 'larkspur work'\nasks"))
  }
}
