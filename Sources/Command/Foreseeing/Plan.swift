import Delivery
import Larkspur
import Planning
import QueueAccess
import Terminal

/// `plan`: the next calls, without making them.
struct Plan: Equatable {
  var count = 20

  init(_ options: Options) throws(Failure) {
    try Invocation.expectNoOperands(options, of: .plan)
    guard let word = options.one("--next") else { return }
    guard let count = Int(word), 1...Foresight.far ~= count else {
      throw Failure(
        .usage,
        "--next takes a number from 1 to \(grouped(Foresight.far)), not '\(printable(word))'")
    }
    self.count = count
  }

  func run(_ global: GlobalOptions) throws(Failure) {
    let inspector = try global.queue().inspector()
    try run(global, inspector, try Viewpoint(inspector))
  }

  func run(
    _ global: GlobalOptions, _ inspector: borrowing Inspector, _ viewpoint: Viewpoint
  ) throws(Failure) {
    if let account = global.account { try viewpoint.expect(account, inspector) }
    let foresight = try withSentences { () throws(QueueError) in
      let foresight = try Foresight(
        queue: inspector.path, account: global.account, calls: count,
        isRunning: viewpoint.isRunning, viewpoint.reading)
      do throws(StoreError) {
        try foresight.rehearsal.run(callsMost: count)
      } catch {
        throw QueueError(error, path: inspector.path)
      }
      return foresight
    }
    let calls = foresight.rehearsal.calls.sorted { ($0.at, $0.id) < ($1.at, $1.id) }
    if global.wantsJSON {
      for call in calls { Output.result(object(call, foresight, viewpoint).text) }
    } else if !calls.isEmpty {
      Output.result(table(calls, foresight, viewpoint))
    }
    if calls.isEmpty { global.say("no calls to make") }
    try viewpoint.sayWhoIsUnseen(inspector, global)
    global.say(viewpoint.assumptions)
  }

  private func table(
    _ calls: [Rehearsal.Call], _ foresight: Foresight, _ viewpoint: Viewpoint
  ) -> String {
    let rows = Rows(
      columns: ["at", "in", "account", "kind", "audience", "lanes"],
      rows: calls.map { call in
        [
          .text((call.isExact ? "" : "about ") + viewpoint.time(call.at)),
          .text(call.at <= viewpoint.now ? "now" : describeDuration(call.at - viewpoint.now)),
          .text(foresight.name(of: call)), .text(call.channel.kind.rawValue),
          .text(call.audience.map(describe) ?? ""),
          .text(call.lanes.map(\.name).joined(separator: " ")),
        ]
      })
    return Table(rows, leavingOut: ["account": "default", "kind": "preview", "audience": ""]).text
  }

  private func object(
    _ call: Rehearsal.Call, _ foresight: Foresight, _ viewpoint: Viewpoint
  ) -> JSONObject {
    JSONObject([
      ("at", .text(viewpoint.rfc3339(call.at))),
      ("account", .text(foresight.name(of: call))),
      ("kind", .text(call.channel.kind.rawValue)),
      ("lanes", .json(JSONText.list(call.lanes.map(\.name)))),
      ("everyone", .json("\(call.audience == .everyone)")),
      ("people", .of(call.audience?.count)),
      ("estimate", .json("\(!call.isExact)")),
    ])
  }
}

func describe(_ audience: Audience) -> String {
  audience.count.map { counted($0, "user") } ?? "everyone"
}

extension Foresight {
  func name(of call: Rehearsal.Call) -> String {
    accounts.first { $0.id == call.channel.account }?.name ?? "?"
  }
}

extension Viewpoint {
  /// What every answer about the future rests on.
  var assumptions: String {
    "assumes that nothing else is asked for, that nothing is refused, and that answers take as long "
      + "as lately" + worksNow
  }

  private var worksNow: String {
    if silent != nil { return "; the worker does not respond, and is assumed to go on now" }
    return isRunning ? "" : "; no worker is running, so one is assumed to start now"
  }

  func expect(_ account: String, _ inspector: borrowing Inspector) throws(Failure) {
    let known = try withSentences { () throws(QueueError) in
      try inspector.rows("select 1 from account where name = ?", [.text(account)]).rows
    }
    if known.isEmpty { throw try Repair.unknown(account: account, in: inspector) }
  }
}
