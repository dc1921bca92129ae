import Larkspur
import Planning
import Terminal

/// `status` of a shared queue.
struct SharedStatus {
  private let address: String
  private let workers: [SharedWorker]
  /// How long ago a worker looked; nil if none ever did.
  private let lastLook: Span?
  private let figures: StatusFigures
  private let dueFor: Span

  init(
    _ address: String, _ global: GlobalOptions, _ ask: SharedCommands.Ask
  ) throws(Failure) {
    self.address = address
    workers = try SharedWorker.all(ask)
    let nearest = workers.map(\.silence).min()
    lastLook = if let nearest { nearest } else { try Self.lastEnd(ask) }
    let account = global.account
    var figures = StatusFigures()
    figures.schema = try ask("select max(version) from larkspur.schema_version", []).rows[0][0]
      .number
    dueFor = try figures.countLanes(account, ask)
    figures.dead = try ask(
      "select count(*) from larkspur.dead where $1::text is null or account = $1", [account]
    ).rows[0][0].number
    figures.accounts = try StatusFigures.accounts(account, ask)
    self.figures = figures
    if let account, figures.accounts.isEmpty,
      figures.newAsks + figures.delayedAsks + figures.expiredAsks == 0
    {
      throw Failure(.badInput, "no account '\(printable(account))' in this queue")
    }
  }

  /// How long ago the last of the runs ended.
  private static func lastEnd(_ ask: SharedCommands.Ask) throws(Failure) -> Span? {
    try ask(
      """
      select (extract(epoch from clock_timestamp() - max(ended)::timestamptz) * 1000)::bigint
      from larkspur.spans where what = 'run'
      """, []
    ).rows[0][0].optionalNumber.map { max(0, $0) }
  }

  func check(_ global: GlobalOptions) -> ExitCode {
    StatusCheck(figures.accounts, dead: figures.dead, stuck: [], lastLook: lastLook, dueFor: dueFor)
      .tell(global)
  }

  func tell(_ global: GlobalOptions) -> ExitCode {
    Output.result(global.wantsJSON ? object.text : text)
    return .done
  }

  private var text: String {
    var lines = [["queue", "\(printable(address)), schema \(figures.schema)"]]
    for (place, worker) in workers.enumerated() {
      lines.append([place == 0 ? "workers" : "", worker.sentence])
    }
    if workers.isEmpty { lines.append(["workers", WorkerReport.noWorker]) }
    return Table(lines + figures.lines(lastLook: lastLook)).text
  }

  private var object: JSONObject {
    JSONObject(
      [
        ("queue", .text(address)), ("schema", .int(figures.schema)),
        ("workers", .list(workers.map(\.object))),
      ] + figures.counts + [("accounts", figures.listOfAccounts)])
  }
}
