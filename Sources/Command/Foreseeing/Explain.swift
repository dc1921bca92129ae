import Delivery
import Larkspur
import Planning
import QueueAccess
import Terminal

/// `explain`: why a lane has not gone yet, and when it will.
struct Explain: Equatable {
  /// A lane, or the number of an ask.
  let word: String

  func run(_ global: GlobalOptions) throws(Failure) {
    let inspector = try global.queue().inspector()
    try run(global, inspector, try Viewpoint(inspector))
  }

  func run(
    _ global: GlobalOptions, _ inspector: borrowing Inspector, _ viewpoint: Viewpoint
  ) throws(Failure) {
    var found = try find(inspector, viewpoint, global)
    try addEndings(to: &found, inspector, global)
    if found.lanes.isEmpty && found.keys.isEmpty { throw try unknown(inspector, global) }
    for facts in found.keys { try explain(facts, inspector, viewpoint, global) }
    for facts in found.lanes {
      let forecast = try forecast(facts, inspector, viewpoint)
      let explanation = Explanation(facts: facts, forecast: forecast, viewpoint: viewpoint)
      Output.result(
        global.wantsJSON ? explanation.object.text : try explanation.text(inspector))
    }
  }

  private func explain(
    _ facts: KeyFacts, _ inspector: borrowing Inspector, _ viewpoint: Viewpoint,
    _ global: GlobalOptions
  ) throws(Failure) {
    var last: LaneForecast?
    if let token = facts.last {
      let lanes = try withSentences { () throws(QueueError) in
        try inspector.facts(of: token, account: facts.account, clocks: viewpoint.clocks)
      }
      if let lane = lanes.first(where: { $0.kind == .preview }) {
        last = try forecast(lane, inspector, viewpoint)
      }
    }
    let explanation = KeyExplanation(facts: facts, last: last, viewpoint: viewpoint)
    Output.result(global.wantsJSON ? explanation.object.text : explanation.text)
  }

  private struct Found {
    var lanes: [LaneFacts]
    var keys: [KeyFacts]
    /// Nil unless the word is the number of an ask.
    var ask: (id: Int, account: String, kind: String, name: String)?
  }

  /// How the asks by key or URL ended of which none is pending. An ask that ended before it was in
  /// a lane is found only here.
  private func addEndings(
    to found: inout Found, _ inspector: borrowing Inspector, _ global: GlobalOptions
  ) throws(Failure) {
    let isEmpty = found.lanes.isEmpty && found.keys.isEmpty
    guard isEmpty || found.keys.contains(where: { !$0.isPending }) else { return }
    let ask = found.ask
    let ended = try withSentences { () throws(QueueError) in
      try inspector.endedKeys(
        named: ask?.name ?? word, account: ask?.account ?? global.account, ask: ask?.id)
    }
    if isEmpty { found.keys = ended }
    for place in found.keys.indices where !found.keys[place].isPending {
      let facts = found.keys[place]
      let same = ended.first { $0.account == facts.account && $0.selector == facts.selector }
      // A dead ask can be requeued, whatever was delivered since.
      if let same, ask != nil || facts.ending?.outcome != "dead" {
        found.keys[place].ending = same.ending
      }
    }
  }

  private func find(
    _ inspector: borrowing Inspector, _ viewpoint: Viewpoint, _ global: GlobalOptions
  ) throws(Failure) -> Found {
    try withSentences { () throws(QueueError) in
      let named = try find(word, global.account, inspector, viewpoint)
      guard named.lanes.isEmpty && named.keys.isEmpty, let id = Int(word),
        let ask = try inspector.lane(ofAsk: id)
      else { return named }
      let all = try find(ask.name, ask.account, inspector, viewpoint)
      return Found(
        lanes: all.lanes.filter { $0.kind.rawValue == ask.kind },
        keys: all.keys.filter { $0.selector.rawValue == ask.kind },
        ask: (id, ask.account, ask.kind, ask.name))
    }
  }

  private func find(
    _ name: String, _ account: String?, _ inspector: borrowing Inspector, _ viewpoint: Viewpoint
  ) throws(QueueError) -> Found {
    Found(
      lanes: try inspector.facts(of: name, account: account, clocks: viewpoint.clocks),
      keys: try inspector.keyFacts(of: name, account: account, clocks: viewpoint.clocks))
  }

  /// Nil if the lane waits for nothing.
  private func forecast(
    _ facts: LaneFacts, _ inspector: borrowing Inspector, _ viewpoint: Viewpoint
  ) throws(Failure) -> LaneForecast? {
    if facts.asks.count == 0 && facts.delayed.count == 0 && facts.standing == nil { return nil }
    return try withSentences { () throws(QueueError) in
      try Foresight.explain(
        facts, in: inspector, isRunning: viewpoint.isRunning(for: facts.account),
        isSilent: viewpoint.silent != nil, viewpoint.reading)
    }
  }

  private func unknown(
    _ inspector: borrowing Inspector, _ global: GlobalOptions
  ) throws(Failure) -> Failure {
    let place = global.account.map { " in account '\(printable($0))'" } ?? ""
    let known = try withSentences { () throws(QueueError) in
      try inspector.laneNames(like: word, account: global.account, atMost: 1_000)
    }
    if known.contains(word) {
      return Failure(
        .badInput,
        "nothing pending for '\(printable(word))'\(place); its asks ended before they were in a lane",
        fix: nil)
    }
    let near = nearest(to: word, among: known).map { "did you mean '\(printable($0))'?" }
    let why = near ?? "it was never asked for, or its history was pruned"
    return Failure(
      .badInput, "nothing known about '\(printable(word))'\(place); \(why)", fix: near)
  }
}
