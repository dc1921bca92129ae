import Larkspur
import Planning
import QueueAccess
import Terminal

/// `status --check`: whether all is well, as an exit code and one line, for a monitor.
struct StatusCheck {
  /// These words are an interface.
  enum Verdict: String {
    case well
    case noWorker = "no_worker"
    case parked, dead, stuck, late
  }

  let verdict: Verdict
  let summary: String
  /// Nothing at all to tell: neither is anything wrong, nor is the worker stopped.
  private let isQuiet: Bool

  /// Cron starts a run every minute, so a pause is no reason to worry.
  static let silence: Span = .minutes(3)
  /// What is due leaves within seconds, unless there is a backlog or something is wrong.
  static let lateness: Span = .minutes(5)

  /// `absence` is nil if a worker looks at the queue now.
  init(
    _ accounts: [StatusFigures.Account], dead: Int, stuck: [Stuck], lastLook: Span?,
    dueFor: Span, absence: WorkerReport.Absence? = nil
  ) {
    if lastLook.map({ $0 > Self.silence }) ?? true {
      verdict = .noWorker
      summary =
        lastLook.map { "no worker has looked at the queue for \(describeDuration($0))" }
        ?? "no worker has ever looked at the queue; start one with 'larkspur work'"
    } else if let parked = Self.parked(accounts, stuck: stuck) {
      verdict = .parked
      let name = printable(parked.name)
      summary =
        "account '\(name)' is parked: \(printable(parked.why ?? "")); fix it, then run "
        + "'larkspur resume \(name)'"
    } else if dead > 0 {
      verdict = .dead
      summary = "\(counted(dead, "lane")) dead; see 'larkspur list --state dead'"
    } else if let stuck = stuck.first {
      verdict = .stuck
      summary = "stuck: \(printable(stuck.sentence))"
    } else if dueFor > Self.lateness {
      verdict = .late
      summary =
        "something has been due for \(describeDuration(dueFor))"
        + (absence.map { "; \($0.sentence)" } ?? "") + "; see 'larkspur list' and "
        + "'larkspur forecast'"
    } else {
      verdict = .well
      summary = Self.wellness(absence)
    }
    isQuiet = verdict == .well && absence?.isExpected ?? true
  }

  private static func wellness(_ absence: WorkerReport.Absence?) -> String {
    switch absence {
    case nil: "all is well"
    case .noWorker(let sentence)?: "all is well; \(sentence)"
    case .silent(let sentence)?: "nothing is late yet, but \(sentence)"
    }
  }

  /// What keeps all tenants of an app from their calls matters more than what keeps one of them.
  private static func parked(
    _ accounts: [StatusFigures.Account], stuck: [Stuck]
  ) -> StatusFigures.Account? {
    let parked = accounts.filter { $0.state == "parked" }
    if let whole = parked.first(where: { !$0.isTenant }) { return whole }
    return stuck.contains { $0.reason != .parked } ? nil : parked.first
  }

  var code: ExitCode {
    switch verdict {
    case .well: .done
    case .noWorker: .timeIsUp
    case .parked, .dead, .stuck, .late: .dead
    }
  }

  init<Source: Answering & ~Copyable>(
    _ source: borrowing Source, queue: String, account: String?
  ) throws(Source.Trouble) {
    let unseen = try StatusFigures.oldestUnseen_ms(source, account: account)
    let worker = WorkerReport(queue: queue, asksWait: unseen, account: account)
    let lastWrite = try StatusFigures.sinceLastWrite_ms(source)
    var stuck: [Stuck] = []
    for known in worker.stuck where try known.isStillSo(source) { stuck.append(known) }
    self.init(
      try StatusFigures.accounts(source, account: account),
      dead: try StatusFigures.dead(source, account: account), stuck: stuck,
      lastLook: worker.sinceLastLook ?? lastWrite,
      dueFor: try StatusFigures.dueFor_ms(source, account: account, unseen: unseen),
      absence: worker.absence)
  }

  static func run(_ global: GlobalOptions) throws(Failure) -> ExitCode {
    let place = try global.queue()
    let inspector = try place.inspector()
    let account = global.account
    let check = try withSentences { () throws(QueueError) in
      try StatusCheck(inspector, queue: place.path, account: account)
    }
    return check.tell(global)
  }

  func tell(_ global: GlobalOptions) -> ExitCode {
    // Cron mails whatever is printed.
    if !(global.isQuiet && isQuiet) {
      Output.result(global.wantsJSON ? object.text : summary)
    }
    return code
  }

  private var object: JSONObject {
    JSONObject([
      ("ok", .json("\(verdict == .well)")), ("reason", .text(verdict.rawValue)),
      ("summary", .text(summary)),
    ])
  }
}

extension WorkerReport {
  /// That no worker looks at the queue now, and since when.
  enum Absence {
    case noWorker(String)
    /// It runs, and does not respond.
    case silent(String)

    var sentence: String {
      switch self {
      case .noWorker(let sentence), .silent(let sentence): sentence
      }
    }

    /// Under cron, no worker is running between two runs.
    var isExpected: Bool { if case .noWorker = self { true } else { false } }
  }

  /// Nil if a worker looks at the queue, as far as is known.
  fileprivate var absence: Absence? {
    let since = sinceLastLook.map { " (last look \(describeDuration($0)) ago)" } ?? ""
    return switch sight {
    case .nobody: .noWorker("no worker is running" + since)
    case .worker(_, let heartbeat?) where pulse == .notResponding:
      .silent("the worker does not respond\(since): \(Self.remedy(for: heartbeat))")
    case .worker, .hidden: nil
    }
  }

  /// How long ago a worker last looked at the queue; nil if none ever did, as far as is known.
  var sinceLastLook: Span? {
    let now = SystemClocks.read(boot: SystemClocks.bootID())
    guard let heartbeat else {
      // A worker that runs and cannot be seen is given the benefit of the doubt.
      return sight.owner == nil ? nil : 0
    }
    let look = heartbeat.look
    if let boot = heartbeat.boot, boot == now.boot { return max(0, now.sinceBoot - look.sinceBoot) }
    return max(0, now.wall - look.wall)
  }
}

extension StatusFigures {
  /// How long ago a worker last wrote to the queue; nil if none ever did. A queue that was copied
  /// without its lock file does not tell more.
  static func sinceLastWrite_ms<Source: Answering & ~Copyable>(
    _ source: borrowing Source
  ) throws(Source.Trouble) -> Span? {
    let rows = try source.answer(
      "select now_ms - newest_ms from clock, worker where newest_ms > 0", [])
    return rows.rows.first.map { max(0, $0[0].number) }
  }

  /// For how long the lane that has been due longest could have gone, as far as it is concerned.
  static func dueFor_ms<Source: Answering & ~Copyable>(
    _ source: borrowing Source, account: String?, unseen: Int?
  ) throws(Source.Trouble) -> Span {
    let rows = try source.answer(
      """
      select max(now_ms - (
        select min(turn_ms) from (
          select min(max(ready_ms, spread_ms)) as turn_ms from lane indexed by lanes_due_longest
          where account_id = account.id and kind = kind.name and state = 'waiting' and urgent = 0
            -- Nor could it go while the rest of the month's calls is kept for urgent lanes.
            and ifnull(opening ->> '$.reserve', 0) <= now_ms
          union all
          select min(max(ready_ms, spread_ms)) from lane indexed by lanes_due_longest
          where account_id = account.id and kind = kind.name and state = 'waiting' and urgent = 1
          union all
          -- Most previews of a key wait in a line of their own, behind all others.
          select min(max(ready_ms, spread_ms - 500000000000000)) from lane indexed by lanes_spread
          where account_id = account.id and kind = kind.name and state = 'waiting' and spread_ms > 0
            and urgent = 0 and ifnull(opening ->> '$.reserve', 0) <= now_ms
          union all
          select min(max(ready_ms, spread_ms - 500000000000000)) from lane indexed by lanes_spread
          where account_id = account.id and kind = kind.name and state = 'waiting' and spread_ms > 0
            and urgent = 1)))
      from clock, account, kind
      left join budget on budget.account_id = account.id and budget.api = kind.name
      where ifnull(configured, 1) = 1 and (?1 is null or account.name = ?1)
      """, [.of(account)])
    return max(unseen ?? 0, rows.rows.first?[0].number ?? 0)
  }
}
