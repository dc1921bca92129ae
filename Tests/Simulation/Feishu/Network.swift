import Chance

/// What a call takes when nothing holds it up, in milliseconds: the way there, the server's work, and
/// the way back. What comes on top is another amount each time.
struct Route {
  var out: Int
  var work: Int
  var back: Int
  /// What comes on top of each way as a rule.
  var delay: Int
  /// What comes on top of the work as a rule.
  var toil: Int

  /// Never more than what budgets allow for.
  func delay(_ dice: inout Dice) -> Int { dice.number(0...(dice.chance(800) ? delay : 25)) }

  func toil(_ dice: inout Dice) -> Int { dice.number(0...(dice.chance(900) ? toil : 2_000)) }
}

/// What happens to one request on its way, decided when it leaves.
struct Passage {
  /// Milliseconds after it left; nil when it never arrives.
  var arrival: Int?
  /// What the server says instead of what it would.
  var disguise: Fault?
  /// Milliseconds after it left; nil when no answer comes before the client gives up.
  var answer: Int?
  /// The connection breaks instead of an answer, this long after it left.
  var breaks: Int?
  /// It provably never leaves.
  var isRefused = false
  /// It was held up for longer than any budget allows for.
  var isHeldUp = false

  /// `dice` belong to this request alone. `longest` is when the client gives up.
  init(fault: Fault?, route: Route, longest: Int, _ dice: inout Dice) {
    let up = route.out + route.delay(&dice)
    let down = up + route.work + route.toil(&dice) + route.back + route.delay(&dice)
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
      breaks = down
      if dice.chance(500) {
        // The connection is gone, and what was handed over arrives all the same, later.
        isHeldUp = true
        let late = dice.number(min(up + 26, longest - 1)...longest - 1)
        arrival = late
        breaks = dice.number(1...late)
      }
    case .answerLost: answer = nil
    case .heldUp:
      isHeldUp = true
      let late = dice.number(min(up + 26, longest)...longest)
      arrival = late
      answer = late + 20 < longest && dice.chance(500) ? late + 20 : nil
    case .slowAnswer: answer = dice.number(up + 1...longest + 2_000)
    default: disguise = fault
    }
    if let moment = answer, moment >= longest { answer = nil }
  }
}

extension Fault {
  /// What the server says; nil where this fault does not concern the API.
  func disguise(_ api: Called.API) -> Answered? {
    switch self {
    case .internalError: Answered(status: 500, body: #"{"code":5000,"msg":"internal error"}"#)
    case .gatewayPage, .gatewayPageAfterwards:
      Answered(status: 502, body: "<html><body>Bad Gateway</body></html>")
    case .cutAnswer: Answered(status: 200, body: #"{"code":0,"msg":"suc"#)
    case .unknownStatus: Answered(status: 599, body: "")
    case .notFoundPage: Answered(status: 404, body: "<html>not here</html>")
    case .redirect:
      Answered(status: 302, headers: ["location": "https://elsewhere.test/"], body: "")
    case .tokenRefused where api != .auth:
      Answered(status: 400, body: #"{"code":99991663,"msg":"Invalid access token"}"#)
    case .limitedWithHeaders:
      Answered(
        status: 429, headers: ["x-ogw-ratelimit-limit": "5", "x-ogw-ratelimit-reset": "7"],
        body: #"{"code":99991400,"msg":"request trigger frequency limit"}"#)
    case .limitedWithout:
      Answered(status: 400, body: #"{"code":99991400,"msg":"request trigger frequency limit"}"#)
    case .familyLimited:
      Answered(status: 200, body: #"{"code":230020,"msg":"too frequent"}"#)
    case .quotaSpent where api == .preview || api == .card:
      Answered(status: 403, body: #"{"code":99991403,"msg":"quota exceeded"}"#)
    case .scopeMissing where api != .auth:
      Answered(status: 400, body: #"{"code":99991672,"msg":"Access denied"}"#)
    case .credentialsWrong where api == .auth:
      Answered(status: 200, body: #"{"code":10014,"msg":"app secret invalid"}"#)
    case .refusedWithoutReason where api == .preview:
      Answered(status: 400, body: #"{"code":230001,"msg":"param is invalid"}"#)
    case .cardBusy where api == .card:
      Answered(status: 400, body: #"{"code":200810,"msg":"ongoing interaction"}"#)
    case .cardInternal where api == .card:
      Answered(status: 500, body: #"{"code":300120,"msg":"internal"}"#)
    default: nil
    }
  }

  /// What was asked is done all the same.
  var isAfterwards: Bool { self == .gatewayPageAfterwards || self == .cutAnswer }
}
