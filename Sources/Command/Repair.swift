import Larkspur
import QueueAccess
import Terminal

/// The changes a user may make in a queue.
enum Repair {
  /// Without a lane, requeues everything that is dead.
  static func retry(_ lane: String?, _ global: GlobalOptions) throws(Failure) -> ExitCode {
    let inspector = try global.queue().inspector()
    let selection: Inspector.Selection =
      lane.map { .lane($0, account: global.account) } ?? .all(account: global.account)
    var watch = Watch(global, what: "asks")
    let asks = try withSentences { () throws(QueueError) in
      try inspector.retry(selection) { watch.goesOn($0) }
    }
    let code = watch.end()
    if let lane, asks == 0 {
      throw Failure(
        .badInput,
        "nothing dead for '\(printable(lane))'\(place(global)); see 'larkspur list --state dead'")
    }
    global.say(
      asks == 0
        ? "nothing dead\(place(global))"
        : "requeued \(counted(asks, "dead ask"))\(code == nil ? "" : " before it was stopped")")
    if global.wantsJSON { Output.result(JSONObject([("retried", .int(asks))]).text) }
    return code ?? .done
  }

  static func cancel(_ lane: String, _ global: GlobalOptions) throws(Failure) -> ExitCode {
    let inspector = try global.queue().inspector()
    var watch = Watch(global, what: "asks")
    let cancelled = try withSentences { () throws(QueueError) in
      try inspector.cancel(lane: lane, account: global.account) { watch.goesOn($0) }
    }
    let code = watch.end()
    if code == nil, cancelled.asks == 0, cancelled.callsUnderWay == 0 {
      throw Failure(
        .badInput,
        "nothing pending or dead for '\(printable(lane))'\(place(global)); see 'larkspur list'")
    }
    var sentence = "cancelled \(counted(cancelled.asks, "ask")) for '\(printable(lane))'"
    if code != nil { sentence += " before it was stopped" }
    if cancelled.callsUnderWay > 0 {
      sentence += "; a call that carries it is in flight and cannot be taken back"
    }
    global.say(sentence)
    if global.wantsJSON {
      Output.result(
        JSONObject([
          ("cancelled", .int(cancelled.asks)), ("calls_under_way", .int(cancelled.callsUnderWay)),
        ]).text)
    }
    return code ?? .done
  }

  static func resume(_ account: String, _ global: GlobalOptions) throws(Failure) {
    let inspector = try global.queue().inspector()
    let isKnown = try withSentences { () throws(QueueError) in
      try inspector.resume(account: account)
    }
    if !isKnown { throw try unknown(account: account, in: inspector) }
    global.say("resumed account '\(printable(account))'")
    if global.wantsJSON { Output.result(JSONObject([("resumed", .text(account))]).text) }
  }

  static func unknown(
    account: String, in inspector: borrowing Inspector
  ) throws(Failure) -> Failure {
    let known = try withSentences { () throws(QueueError) in
      try inspector.rows("select name from account order by id").rows.map { printable($0[0].text) }
    }
    return Failure(
      .badInput,
      "no account '\(printable(account))' in this queue; it has: \(known.joined(separator: ", "))")
  }

  static func prune(olderThan_ms age: Int, _ global: GlobalOptions) throws(Failure) -> ExitCode {
    let inspector = try global.queue().inspector()
    var watch = Watch(global, what: "rows")
    let gone = try withSentences { () throws(QueueError) in
      try inspector.prune(olderThan_ms: age) { watch.goesOn($0) }
    }
    let code = watch.end()
    let end = code == nil ? "" : " before it was stopped"
    global.say("deleted \(counted(gone.asks, "ask")) and \(counted(gone.calls, "call"))\(end)")
    if global.wantsJSON {
      Output.result(JSONObject([("asks", .int(gone.asks)), ("calls", .int(gone.calls))]).text)
    }
    return code ?? .done
  }

  private static func place(_ global: GlobalOptions) -> String {
    global.account.map { " in account '\(printable($0))'" } ?? ""
  }
}
