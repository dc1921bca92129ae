import Delivery
import Larkspur
import QueueAccess
import Terminal

/// `explain`, `plan` and `forecast` on a shared queue: on a copy of it, as they are on a file.
struct SharedForesight {
  let ask: SharedCommands.Ask
  let copy: SharedCommands.Copy
  let global: GlobalOptions

  func explain(_ order: Explain) throws(Failure) {
    let lane = try Int(order.word) == nil ? order.word : laneOfAsk(order.word) ?? order.word
    let names = try accounts(that: lane)
    try look(at: names, lane: lane) { (inspector, viewpoint) throws(Failure) in
      try order.run(global, inspector, viewpoint)
    }
  }

  func plan(_ order: Plan) throws(Failure) {
    try look(at: global.account.map { [$0] }, lane: nil) { (inspector, viewpoint) throws(Failure) in
      try order.run(global, inspector, viewpoint)
    }
  }

  func forecast() throws(Failure) {
    let names = global.account.map { [$0] }
    let rows = try ask(
      "select account, calls, first_ago_ms from larkspur.paces($1::text[])",
      [names.map { SharedStatements.list($0) }]
    ).rows
    let paces = Dictionary(
      rows.map { ($0[0].text, (calls: $0[1].number, firstAgo: $0[2].number)) },
      uniquingKeysWith: { first, _ in first })
    try look(at: names, lane: nil) { (inspector, viewpoint) throws(Failure) in
      try Forecast.run(global, inspector, viewpoint, paces: paces)
    }
  }

  private func laneOfAsk(_ number: String) throws(Failure) -> String? {
    try ask("select lane from larkspur.ask where id = $1::bigint", [number]).rows.first?[0].text
  }

  /// The accounts that know something of this name.
  private func accounts(that lane: String) throws(Failure) -> [String] {
    if let account = global.account { return [account] }
    return try ask(
      """
      select account from larkspur.ask where lane = $1
      union select account from larkspur.keys where key = $1
      union select account from larkspur.previews where token = $1 or url = $1
      """, [lane]
    ).rows.map(\.[0].text)
  }

  private func look(
    at names: [String]?, lane: String?,
    _ body: (borrowing Inspector, Viewpoint) throws(Failure) -> Void
  ) throws(Failure) {
    let holders = try SharedWorker.holders(ask)
    // The copy must not be left behind.
    let stop = StopRequest(orHangUp: true)
    let folder = try TemporaryFolder("copy")
    defer { folder.remove() }
    let path = "\(folder.path)/queue.db"
    try copy(names, lane, path)
    let inspector = try withSentences { () throws(QueueError) in try Inspector(queue: path) }
    try body(inspector, try Viewpoint(inspector, .shared(holders)))
    if let code = stop.arrived { throw Failure(code, "stopped", fix: nil) }
  }
}
