import Larkspur
import Planning
import Terminal

/// A shared queue, as a program may know it that only asks.
///
/// The asks are stored. So a server that cannot be reached meanwhile is waited for, like a worker.
struct AwaitedServer: AwaitedQueue {
  private let ask: SharedCommands.Ask
  private let say: (String) -> Void
  private var isCut = false

  private static let interval_ms = 200

  init(ask: @escaping SharedCommands.Ask, say: @escaping (String) -> Void) {
    self.ask = ask
    self.say = say
  }

  /// What fails for another reason than the connection fails again, and is told, when it is needed.
  mutating func beginLook() {
    do throws(Failure) {
      isCut = try answer("select 1", []) == nil
    } catch {
      isCut = false
    }
  }

  /// Nil if the server cannot be reached.
  private func answer(_ sql: String, _ values: [String?]) throws(Failure) -> [[Cell]]? {
    do throws(Failure) {
      return try ask(sql, values).rows
    } catch {
      guard error.code == .databaseNotUsable else { throw error }
      if !isCut {
        say("\(error.sentence); what was asked for is stored, and is waited for")
      }
      return nil
    }
  }

  func states(of asks: [Int]) throws(Failure) -> [AskState?] {
    let rows = isCut ? nil : try answer(SharedStatements.states, [SharedStatements.list(asks)])
    guard let rows else { return asks.map { _ in .open } }
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
    if isCut { return (nil, nil) }
    let row = try answer(
      """
      select parked_why, paused_ms, paused_why, failures, probes, is_spent, is_for_others
      from larkspur.standing($1, $2, $3)
      """, [account, kind.rawValue, isUrgent ? "1" : "0"]
    )?.first
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
    let rows = try answer(
      "select larkspur.in_flight_of($1::bigint[]) limit 1", [SharedStatements.list(asks)])
    return rows?.isEmpty == false
  }

  func hasWorker() throws(Failure) -> Bool {
    // Nobody can tell while it is cut off.
    if isCut { return true }
    return try answer("select larkspur.has_worker()", [])?.first?[0] != .text("f")
  }

  func wait(milliseconds: Int, until stop: borrowing StopRequest) {
    stop.wait(for: nil, milliseconds: min(milliseconds, Self.interval_ms))
  }
}
