import Chance

/// What happens to one request on its way, decided when it leaves.
struct Passage {
  /// Milliseconds after it left; nil if it never arrives.
  var arrival: Int?
  /// The fault that replaces the server's own answer.
  var disguise: Fault?
  /// Milliseconds after it left; nil if no answer comes before the client gives up.
  var answer: Int?
  /// The connection breaks this many milliseconds after it left, and no answer comes.
  var breaks: Int?
  /// It provably never leaves.
  var isRefused = false

  /// `dice` must belong to this request alone. `longest` is when the client gives up; a request
  /// that has not arrived by then never does.
  init(fault: Fault?, way: Route.Way, longest: Int, _ dice: inout Dice) {
    let up = way.out
    let down = way.roundTrip
    arrival = up
    answer = down
    switch fault {
    case nil: break
    case .connectionRefused: isRefused = true
    case .lostBefore:
      arrival = nil
      answer = nil
    case .lostAfter:
      answer = nil
      breaks = min(down, longest)
      if dice.chance(500) {
        // The connection breaks, and what was handed over still arrives later.
        let late = dice.number(min(up + 1, longest - 1)...longest - 1)
        arrival = late
        breaks = dice.number(1...late)
      }
    case .answerLost: answer = nil
    case .heldUp:
      let late = dice.number(min(up + 1, longest - 1)...longest - 1)
      arrival = late
      answer = dice.chance(500) ? late + way.work + way.back : nil
    case .slowAnswer: answer = dice.number(up + 1...max(up + 1, longest + 2_000))
    default: disguise = fault
    }
    if let moment = arrival, moment >= longest {
      arrival = nil
      answer = nil
    }
    if let moment = answer, moment >= longest { answer = nil }
  }
}
