import Larkspur
import Terminal

/// Commands on a shared queue. What they need of it is given to them: only `larkspur-shared` links its client.
package struct SharedCommands {
  private let address: String
  /// Runs one statement, all of it or nothing, and returns its rows.
  package typealias Ask = (_ sql: String, _ values: [String?]) throws(Failure) -> Rows

  /// Makes a queue in a new file that shows what is known of some accounts, or of all, and of one lane.
  package typealias Copy = (
    _ accounts: [String]?, _ lane: String?, _ path: String
  ) throws(Failure) -> Void

  private let ask: Ask
  private let copy: Copy
  /// Makes the tables. Returns what a person has to do then; nil if they exist already.
  private let create: () throws(Failure) -> String?

  package init(
    address: String, ask: @escaping Ask, copy: @escaping Copy,
    create: @escaping () throws(Failure) -> String?
  ) {
    self.address = address
    self.ask = ask
    self.copy = copy
    self.create = create
  }

  package func run(_ words: [String]) throws(Failure) -> ExitCode {
    let invocation = try Invocation(parsing: SharedPlace.withoutAddress(words))
    let global = invocation.global
    switch invocation.action {
    case .enqueue(let order):
      var server = AwaitedServer(ask: ask) { global.say($0) }
      return try order.run(
        global, on: { (rows) throws(Failure) in try store(rows, global) }, in: &server)
    case .enqueueFile(let order):
      return try order.run(global, on: { (rows) throws(Failure) in try store(rows, global) })
    case .saw(let order): try order.run(global, on: record)
    case .sawFile(let order): return try order.run(global, on: record)
    case .forget(let order): try order.run(global, ask)
    case .create(let group): try create(group, global)
    case .retry(let lane): try retry(lane, global)
    case .cancel(let lane): try cancel(lane, global)
    case .resume(let account): try resume(account, global)
    case .status(let isCheck):
      try beginLook(global)
      let status = try SharedStatus(address, global, ask)
      return isCheck ? status.check(global) : status.tell(global)
    case .explain(let order): try foresight(global).explain(order)
    case .plan(let order): try foresight(global).plan(order)
    case .forecast: try foresight(global).forecast()
    case .list(let order):
      try beginLook(global)
      try order.run(global, ask)
    default:
      throw Failure(
        .usage,
        "this command is not made for a shared queue yet; look with psql, where the views are the same: "
          + "psql '\(address)' -c 'select * from larkspur.queue'")
    }
    return .done
  }

  private func beginLook(_ global: GlobalOptions) throws(Failure) {
    SharedTime.choose(global)
    // Compiling such a query takes longer than it runs, and lanes are grouped in memory, not on the disk.
    _ = try ask(
      "select set_config('jit', 'off', false), set_config('work_mem', '64MB', false)", [])
  }

  private func foresight(_ global: GlobalOptions) throws(Failure) -> SharedForesight {
    try beginLook(global)
    return SharedForesight(ask: ask, copy: copy, global: global)
  }

  /// Without rows it only finds out whether the queue can be used.
  private func store(_ asks: AskRows?, _ global: GlobalOptions) throws(Failure) -> [Int] {
    guard let asks else {
      _ = try ask("select version from larkspur.schema_version", [])
      return []
    }
    let ids = try ask(SharedStatements.ask, [asks.json]).rows.compactMap { $0[0].optionalNumber }
    warnIfUnconfigured(global)
    return ids
  }

  /// The asks are stored, so a failure to look is not an error.
  private func warnIfUnconfigured(_ global: GlobalOptions) {
    let row = try? ask("select larkspur.is_unconfigured($1)", [global.accountToAsk]).rows.first
    global.warnIfUnconfigured(row?[0] == .text("t"))
  }

  /// None of them finds out whether the queue can be used.
  private func record(_ sightings: [Sighting]) throws(Failure) {
    _ = try ask(SharedStatements.saw, [SharedStatements.rows(of: sightings)])
  }

  private func create(_ group: String?, _ global: GlobalOptions) throws(Failure) {
    if group != nil {
      throw Failure(.usage, "--group is for a queue that is a file; on PostgreSQL, grant a role")
    }
    let advice = try create()
    global.say(
      advice == nil
        ? "shared queue \(address) exists already" : "created shared queue \(address)")
    if let advice { Output.result(advice) }
  }

  private func retry(_ lane: String?, _ global: GlobalOptions) throws(Failure) {
    let count = try count(
      """
      select larkspur.retry(array(
        select id from larkspur.ask
        where outcome = 'dead' and ($1::text is null or lane = $1) and ($2::text is null or account = $2)))
      """, [lane, global.account])
    if count == 0, let lane { throw Failure(.badInput, "nothing dead for '\(printable(lane))'") }
    global.say(count == 0 ? "nothing dead" : "requeued \(counted(count, "dead ask"))")
    if global.wantsJSON { Output.result(JSONObject([("retried", .int(count))]).text) }
  }

  private func cancel(_ lane: String, _ global: GlobalOptions) throws(Failure) {
    let count = try ask(
      """
      delete from larkspur.ask
      where lane = $1 and (outcome is null or outcome = 'dead') and ($2::text is null or account = $2)
      returning id
      """, [lane, global.account]
    ).rows.count
    if count == 0 {
      throw Failure(.badInput, "nothing pending or dead for '\(printable(lane))'")
    }
    global.say("cancelled \(counted(count, "ask")) for '\(printable(lane))'")
    if global.wantsJSON { Output.result(JSONObject([("cancelled", .int(count))]).text) }
  }

  private func resume(_ account: String, _ global: GlobalOptions) throws(Failure) {
    let isKnown = try ask("select larkspur.resume($1)", [account]).rows.first?[0] == .text("t")
    if !isKnown {
      throw Failure(.badInput, "no account '\(printable(account))' in this queue")
    }
    global.say("resumed account '\(printable(account))'")
    if global.wantsJSON { Output.result(JSONObject([("resumed", .text(account))]).text) }
  }

  private func count(_ sql: String, _ values: [String?]) throws(Failure) -> Int {
    try ask(sql, values).rows.first?[0].number ?? 0
  }
}
