/// One life of a queue, written down before it is lived: what people ask, and all that goes wrong. It
/// is data, so that it can be made from a seed, shortened, and read.
struct History {
  var seed: UInt64
  var setup: Setup
  /// In the order of their moments.
  var steps: [Step]
}

extension History {
  /// The server refuses nothing, no answer is lost, and nobody asks for what is to wait.
  var isPlain: Bool {
    let hasQuota = setup.accounts.contains { $0.monthlyQuota != nil }
    return !hasQuota && !steps.contains { $0.deed.isUnplain }
  }
}

extension Deed {
  fileprivate var isUnplain: Bool {
    switch self {
    case .weather, .outage, .foreign, .setClock: true
    case .powerCut(_, _, let error): error != 0
    case .ask(let wishes, _): wishes.contains { $0.after > 0 || $0.isBad }
    default: false
    }
  }
}

/// What does not change during a history.
struct Setup {
  var accounts: [Account]
  var server: ServerHabits
  var route: Route
  var theme: Theme
  /// What the wall clock says at the beginning.
  var wallClock_ms = 1_700_000_000_000
  /// The machine has a name for each of its starts.
  var hasBootNames = true

  /// Nothing fails and nobody interferes: then the order of calls can be told beforehand.
  var isCalm: Bool { theme.isCalm }

  struct Account {
    var name: String
    var joins: Bool
    /// Pairs that nobody asked for are allowed, so many in a call.
    var extraPairsMax: Int?
    var callsPerSecond: Int
    var monthlyQuota: Int?
  }
}

/// What the documentation leaves open, and each history decides anew.
struct ServerHabits {
  var looksAtUUIDFirst: Bool
  /// A batch that was refused uses up its uuid and its sequence.
  var refusalsCount: Bool
  /// An update of a session clears the fields that it leaves out.
  var clearsOmittedFields: Bool
}

struct Step {
  /// Milliseconds after the beginning.
  var at: Int
  var deed: Deed
}

enum Deed {
  /// A program asks for all of these in one transaction.
  case ask([Wish], Asker)
  case cancel(lane: String)
  case retry
  case resume
  /// A worker is started; where one works already, it has to notice.
  case start(Goal)
  /// The worker is asked to end.
  case end
  /// The worker is killed, at a place and not at a moment.
  case kill(Trigger)
  /// The machine stands still, or the worker is stopped and continued.
  case stall(milliseconds: Int)
  case setClock(by: Int)
  /// The machine loses power and comes back. Its clock may come back wrong.
  case powerCut(Trigger, off: Int, clockError: Int)
  case fullDisk(milliseconds: Int)
  /// A write or a sync fails once, after this many.
  case diskError(after: Int)
  /// Another program holds the queue's write lock.
  case lock(milliseconds: Int)
  case weather(Weather)
  case outage(Outage)
  case foreign(Foreign)
  /// Workers are started in another time namespace, in which the machine has been up for longer.
  case namespace(offset: Int)
  /// By now all that was asked, and is not dead, has been delivered; each of it soon, where that is said.
  case deadline(within: Int?)
}

/// How the asking is done.
enum Asker {
  case swift
  case plainSQL
  /// Takes it back before it is committed.
  case rollsBack
  /// Is killed at its so-and-so-manieth statement.
  case dies(atStatement: Int)
}

enum Goal {
  case once, untilEmpty, stay, seconds(Int)

  var hasEnd: Bool { if case .stay = self { false } else { true } }
}

/// Where something strikes, counted from when it is set.
enum Trigger {
  case now
  case statement(Int, Side)
  /// A statement that this history has not run before.
  case newStatement(Int, Side)
  /// Every statement, when this history runs it for the first time.
  case eachNewStatement(Side)
  case diskOperation(Int)
  /// The claim is on disk; nothing has been handed to the network.
  case send(Int)
  /// The request is on its way.
  case sent(Int)
  /// The answer is there, and not written down.
  case answer(Int)
  /// A part of an answer is written down.
  case part(Int)

  enum Side { case before, after }
}

/// What somebody wants.
struct Wish {
  var account: String
  var what: What
  var after: Int = 0
  var expiresIn: Int?

  enum What {
    /// Nil for everyone.
    case preview(String, people: [String]?)
    /// A batch that deletes these elements.
    case card(String, elements: [String], uuid: String?, sequence: Int?)
    case session(String, [String: String])
  }

  var lane: String {
    switch what {
    case .preview(let name, _), .card(let name, _, _, _), .session(let name, _): name
    }
  }

  var kind: Kind {
    switch what {
    case .preview: .preview
    case .card: .card
    case .session: .session
    }
  }

  enum Kind: String { case preview, card, session }

  /// Something of it will be refused.
  var isBad: Bool {
    switch what {
    case .preview(let token, let people):
      token.hasPrefix("bad") || (people ?? []).contains { $0.hasPrefix("ou_bad") }
    case .card(_, let elements, _, _): elements.contains { $0.hasPrefix("bad") }
    case .session: false
    }
  }
}

/// For a while, some of the calls meet a fault.
struct Weather {
  var fault: Fault
  var permille: Int
  var milliseconds: Int
}

enum Fault: String, CaseIterable {
  // The network's.
  case connectionRefused, lostBefore, lostAfter, answerLost, heldUp, slowAnswer
  // The host's, whatever it was asked.
  case internalError, gatewayPage, gatewayPageAfterwards, cutAnswer, unknownStatus
  case notFoundPage, redirect
  // Feishu's about the call.
  case tokenRefused, limitedWithHeaders, limitedWithout, familyLimited, quotaSpent
  case scopeMissing, credentialsWrong, refusedWithoutReason
  // A card's.
  case cardBusy, cardInternal

  static let network: [Fault] = [
    .connectionRefused, .lostBefore, .lostAfter, .answerLost, .heldUp, .slowAnswer,
  ]
}
