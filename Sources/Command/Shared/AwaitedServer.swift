import Larkspur
import Planning
import Terminal

/// A shared queue, as a program may know it that only asks.
struct AwaitedServer: AwaitedQueue {
  let ask: SharedCommands.Ask

  private static let interval_ms = 200

  func states(of asks: [Int]) throws(Failure) -> [AskState?] {
    let rows = try ask(SharedStatements.states, [SharedStatements.list(asks)]).rows
    let states = Dictionary(
      rows.map {
        ($0[0].number, AskState(outcome: $0[1].optionalText, reason: $0[2].optionalText))
      },
      uniquingKeysWith: { first, _ in first })
    return asks.map { states[$0] }
  }

  func standing(
    of kind: Kind, _ account: String, isUrgent: Bool
  ) throws(Failure) -> (parkedWhy: String?, Pause?) {
    let row = try ask(
      """
      select parked_why, paused_ms, paused_why, failures, probes, is_spent, is_for_others
      from larkspur.standing($1, $2, $3)
      """, [account, kind.rawValue, isUrgent ? "1" : "0"]
    ).rows.first
    guard let row else { return (nil, nil) }
    var pause: Pause?
    if let span = row[1].optionalNumber {
      var health = Health()
      health.failures = row[3].number
      health.probes = row[4].optionalNumber
      let isForOthers = row[6].text == "t"
      pause = Pause(
        milliseconds: span, why: row[2].text,
        isWaitedOut: !health.isHopeless && row[5].text != "t" && !isForOthers,
        isForOthers: isForOthers)
    }
    return (row[0].optionalText, pause)
  }

  func isInFlight(anyOf asks: [Int]) throws(Failure) -> Bool {
    try !ask("select larkspur.in_flight_of($1::bigint[]) limit 1", [SharedStatements.list(asks)])
      .rows.isEmpty
  }

  func hasWorker() throws(Failure) -> Bool {
    try ask("select larkspur.has_worker()", []).rows.first?[0] == .text("t")
  }

  func beginLook() {}

  func wait(milliseconds: Int, until stop: borrowing StopRequest) {
    stop.wait(for: nil, milliseconds: min(milliseconds, Self.interval_ms))
  }
}
