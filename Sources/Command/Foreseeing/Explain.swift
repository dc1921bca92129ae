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
    let viewpoint = try Viewpoint(inspector)
    let found = try find(inspector, viewpoint, global)
    if found.isEmpty { throw try unknown(inspector, global) }
    for facts in found {
      let forecast = try forecast(facts, inspector, viewpoint)
      let explanation = Explanation(facts: facts, forecast: forecast, viewpoint: viewpoint)
      Output.result(
        global.wantsJSON ? explanation.object.text : try explanation.text(inspector))
    }
  }

  private func find(
    _ inspector: borrowing Inspector, _ viewpoint: Viewpoint, _ global: GlobalOptions
  ) throws(Failure) -> [LaneFacts] {
    try withSentences { () throws(QueueError) in
      let named = try inspector.facts(
        of: word, account: global.account, clocks: viewpoint.clocks)
      guard named.isEmpty, let id = Int(word), let ask = try inspector.lane(ofAsk: id) else {
        return named
      }
      let lanes = try inspector.facts(
        of: ask.name, account: ask.account, clocks: viewpoint.clocks)
      return lanes.filter { $0.kind.rawValue == ask.kind }
    }
  }

  /// Nil if the lane waits for nothing.
  private func forecast(
    _ facts: LaneFacts, _ inspector: borrowing Inspector, _ viewpoint: Viewpoint
  ) throws(Failure) -> LaneForecast? {
    if facts.asks.count == 0 && facts.delayed.count == 0 && facts.standing == nil { return nil }
    return try withSentences { () throws(QueueError) in
      try Foresight.explain(
        facts, in: inspector, isRunning: viewpoint.isRunning, viewpoint.reading)
    }
  }

  private func unknown(
    _ inspector: borrowing Inspector, _ global: GlobalOptions
  ) throws(Failure) -> Failure {
    let place = global.account.map { " in account '\(printable($0))'" } ?? ""
    let known = try withSentences { () throws(QueueError) in
      try inspector.laneNames(like: word, account: global.account, atMost: 1_000)
    }
    let near = nearest(to: word, among: known).map { "did you mean '\(printable($0))'?" }
    let why = near ?? "it was never asked for, or its history was pruned"
    return Failure(
      .badInput, "nothing known about '\(printable(word))'\(place); \(why)", fix: near)
  }
}
