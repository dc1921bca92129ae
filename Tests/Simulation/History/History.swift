/// Everything that happens to one queue: what is asked and what goes wrong. It is plain data, so it
/// can be made from a seed, shortened, and read.
struct History {
  var seed: UInt64
  var setup: Setup
  /// Sorted by time.
  var steps: [Step]
}

extension History {
  /// The server refuses nothing, no answer is lost, and no ask is held.
  var isPlain: Bool {
    let hasQuota = setup.accounts.contains { $0.monthlyQuota != nil }
    return !hasQuota && !steps.contains { $0.deed.isUnplain }
  }
}

extension History {
  /// For how long the machine stands still, in all.
  var stalls_ms: Int {
    steps.reduce(0) { sum, step in
      if case .stall(let span) = step.deed { sum + span } else { sum }
    }
  }
}

extension Deed {
  fileprivate var isUnplain: Bool {
    switch self {
    case .weather, .outage, .foreign, .setClock, .ticket, .install: true
    case .powerCut(_, _, let error): error != 0
    case .ask(let wishes, _): wishes.contains { $0.after > 0 || $0.isBad }
    case .see(let sightings, _): sightings.contains(where: \.isBad)
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
  /// The wall clock at the start.
  var wallClock_ms = 1_700_000_000_000
  /// Programs take no time at all.
  var isInstant = false
  /// The machine has a boot id.
  var hasBootNames = true

  /// Nothing fails and nothing interferes, so the order of calls can be predicted.
  var isCalm: Bool { theme.isCalm }

  struct Account {
    var name: String
    var joins: Bool
    /// The number of extra pairs (token, open_id) that a call may carry; nil if it may carry none.
    var extraPairsMax: Int?
    var callsPerSecond: Int
    var monthlyQuota: Int?
    /// Each number stands for another secret. The server accepts all of them.
    var secret = 1
  }
}

/// What the documentation leaves open. Each history chooses.
struct ServerHabits {
  var looksAtUUIDFirst: Bool
  /// A refused batch uses up its uuid and its sequence.
  var refusalsCount: Bool
  /// A session update clears the fields that it leaves out.
  var clearsOmittedFields: Bool
}

struct Step {
  /// Milliseconds after the start.
  var at: Int
  var deed: Deed
}

enum Deed {
  /// A program asks for all of these in one transaction.
  case ask([Wish], Asker)
  case cancel(lane: String)
  /// A program records what it was asked for a preview of, in one transaction.
  case see([SeenPreview], Asker)
  case forget(Oblivion)
  /// A program deletes the rows of all asks by this key or URL.
  case delete(name: String)
  case retry
  case resume
  /// A worker is started. If one is running, the new one has to notice.
  case start(Goal)
  /// The configuration names these accounts from now on.
  case configure([Setup.Account])
  /// The worker is told to stop.
  case end
  /// The worker is killed at a place in its code, not at a time.
  case kill(Trigger)
  /// The machine stalls, or the worker is stopped and continued.
  case stall(milliseconds: Int)
  case setClock(by: Int)
  /// The machine loses power and comes back, perhaps with a wrong clock.
  case powerCut(Trigger, off: Int, clockError: Int)
  case fullDisk(milliseconds: Int)
  /// A write or a sync fails once, after this many.
  case diskError(after: Int)
  /// Another program holds the queue's write lock.
  case lock(milliseconds: Int)
  case weather(Weather)
  case outage(Outage)
  case foreign(Foreign)
  /// Workers are started in a time namespace in which the machine has been up for longer or
  /// shorter.
  case namespace(offset: Int)
  /// Feishu pushes a new ticket, which the app's backend stores so much later; nil if it misses it.
  case ticket(storedAfter: Int?)
  /// A tenant of the store app installs it, or removes it.
  case install(account: String, isInstalled: Bool)
  /// Somebody asks when so many lanes will go.
  case foretell(lanes: Int)
  /// By now every ask that is not dead must be delivered, each within this many milliseconds if
  /// given.
  case deadline(within: Int?)
}

/// How a program asks.
enum Asker {
  case swift
  case plainSQL
  /// Rolls the transaction back.
  case rollsBack
  /// Is killed at this statement.
  case dies(atStatement: Int)

  /// It writes SQL itself, instead of using the library.
  var isPlain: Bool { if case .swift = self { false } else { true } }
}

enum Goal {
  case once, untilEmpty, stay, seconds(Int)

  var hasEnd: Bool { if case .stay = self { false } else { true } }
}

/// Where something strikes. Numbers count from the moment it is armed.
enum Trigger {
  case now
  case statement(Int, Side)
  /// A statement that has not run before in this history.
  case newStatement(Int, Side)
  /// Every statement, the first time it runs in this history.
  case eachNewStatement(Side)
  case diskOperation(Int)
  /// The claim is on disk, and nothing has been handed to the network.
  case send(Int)
  /// The request is on its way.
  case sent(Int)
  /// The answer has arrived and is not yet recorded.
  case answer(Int)
  /// Part of an answer has been recorded.
  case part(Int)

  enum Side { case before, after }
}

/// One ask, before it is made.
struct Wish {
  var account: String
  var what: What
  var after: Int = 0
  var expiresIn: Int?
  var isUrgent = false

  enum What {
    /// No people means everyone.
    case preview(String, people: [String]?)
    /// A batch that deletes these elements.
    case card(String, elements: [String], uuid: String?, sequence: Int?)
    case session(String, [String: String])
    /// All previews that were seen with a key or URL.
    case shown(Kind, String, Reach)
  }

  enum Reach: String { case everyone, viewers }

  var lane: String {
    switch what {
    case .preview(let name, _), .card(let name, _, _, _), .session(let name, _),
      .shown(_, let name, _):
      name
    }
  }

  var kind: Kind {
    switch what {
    case .preview: .preview
    case .card: .card
    case .session: .session
    case .shown(let kind, _, _): kind
    }
  }

  enum Kind: String { case preview, card, session, key, url }

  /// Whom an ask by key or URL is for.
  var reach: Reach? {
    guard case .shown(_, _, let reach) = what else { return nil }
    return reach
  }

  /// It is for all previews of a key or URL.
  var isByKey: Bool { kind == .key || kind == .url }

  /// The kind of the calls that it takes.
  var callKind: Kind { isByKey ? .preview : kind }

  /// Part of it will be refused.
  var isBad: Bool {
    switch what {
    case .preview(let token, let people):
      token.hasPrefix("bad") || (people ?? []).contains { $0.hasPrefix("ou_bad") }
    case .card(_, let elements, _, _): elements.contains { $0.hasPrefix("bad") }
    case .session, .shown: false
    }
  }
}

/// What a callback tells about a preview: what it shows, and who has looked at it.
struct SeenPreview {
  var account: String
  var token: String
  var keys: [String]
  var url: String?
  var person: String?

  /// A refresh will be refused.
  var isBad: Bool { token.hasPrefix("bad") || person?.hasPrefix("ou_bad") ?? false }
}

/// What a person wants forgotten.
enum Oblivion {
  case preview(account: String, String)
  case key(account: String, String)
  case viewer(String)
}

/// For a while, some calls meet a fault.
struct Weather {
  var fault: Fault
  var permille: Int
  var milliseconds: Int
}

enum Fault: String, CaseIterable {
  // Faults of the network.
  case connectionRefused, lostBefore, lostAfter, answerLost, heldUp, slowAnswer
  // Faults of the host, for any call.
  case internalError, gatewayPage, gatewayPageAfterwards, cutAnswer, unknownStatus
  case notFoundPage, redirect
  // Feishu's refusals.
  case tokenRefused, limitedWithHeaders, limitedWithout, familyLimited, quotaSpent
  case scopeMissing, credentialsWrong, refusedWithoutReason
  // A card's refusals.
  case cardBusy, cardInternal

  static let network: [Fault] = [
    .connectionRefused, .lostBefore, .lostAfter, .answerLost, .heldUp, .slowAnswer,
  ]
}
