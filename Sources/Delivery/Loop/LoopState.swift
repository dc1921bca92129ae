import Larkspur
import Planning

/// Everything the loop keeps in memory. It is one value, so that a turn whose transaction could not
/// be committed leaves no trace: the state from before the turn is simply put back.
struct LoopState {
  var accounts: [Int: AccountState] = [:]
  var lines: [Gate: Line] = [:]
  /// Those that have a line, in the order in which they take their turns, and whose turn it is.
  var gates: [Gate] = []
  var nextGate = 0
  /// Calls that are on disk and not settled, by the number of the call.
  var flights: [Int: UnderWay] = [:]
  /// Gates of which `nextReady` has to be read again.
  var stale: Set<Gate> = []
  var upkeep = Upkeep()
  /// Whether `progress` knows how many lanes there are.
  var areLanesCounted = false
  var strays = StrayUpkeep()
  var result = WorkResult()
  /// To be told once the turn is committed.
  var events: [WorkEvent] = []

  var seenVersion: Int?
  var seenControl = 0
  /// The month that the lines count for.
  var month: Int?
  /// The newest ask that has been folded or held back.
  var foldedAsk = 0
  var isFoldedUp = false
  var nextHeld: Moment?
  var nextExpiry: Moment?
  var unknownAccounts: Set<Int> = []
  /// Accounts of which a secret cannot be read, and when to look again.
  var secretLooks: [Int: Moment] = [:]
  /// Stray asks were found and wait to be folded.
  var hasStrays = false

  /// Whether a pass over the queue is under way, which goes on at the next turn.
  var isTidying: Bool { upkeep.isBusy || strays.isBusy }
}

/// One account, in memory.
struct AccountState {
  let settings: AccountSettings
  var credential: Credential
  var parked: Parked?
  var missing = MissingSecrets()
  /// Why the last request for an access token failed.
  var tokenFailure: String?
  /// What is on disk of the API that hands out access tokens.
  var login: BudgetRecord
  /// The host at which something has succeeded last.
  var provenHost: String?
  /// Calls under way, to try a parked account with one at a time.
  var flights = 0

  /// `login` is what earlier runs have left of the API that hands out access tokens.
  init(
    _ settings: AccountSettings, parked: Parked?, refusals: Int, login: BudgetRecord,
    provenHost: String?
  ) {
    self.settings = settings
    self.login = login
    self.provenHost = provenHost
    credential = Credential(refusals: refusals, notBefore: login.pausedUntil)
    tokenFailure = login.pausedWhy
    self.parked = parked
  }
}

/// A call that is on disk and not settled: it may have to wait for its moment yet, or have been answered.
struct UnderWay {
  enum Cargo {
    case lanes(Flight, bearer: String)
    case tokenRequest
  }

  let account: Int
  let cargo: Cargo
  let started: Moment
  let sentBytes: Int
  /// When its last byte was handed to the network.
  var sent: Moment?
}

/// A call that has been answered, or will not be.
struct FinishedCall {
  let id: Int
  var call: UnderWay
  let outcome: Outcome
  let answer: Answer
  let at: Moment

  init(id: Int, call: UnderWay, outcome: Outcome, answer: Answer, at: Moment) {
    self.id = id
    self.call = call
    self.outcome = outcome
    self.answer = answer
    self.at = at
  }
}

/// Calls in the last seconds, for progress.
struct CallRate {
  private var moments: [Moment] = []
  private static let span: Span = .seconds(5)

  mutating func count(at moment: Moment) {
    moments.append(moment)
    forget(before: moment - Self.span)
  }

  mutating func perSecond(at now: Moment) -> Double {
    forget(before: now - Self.span)
    guard let first = moments.first else { return 0 }
    // Calls come in bursts, and each stands for the second that follows it.
    return Double(moments.count) * 1_000 / Double(now - first + .seconds(1))
  }

  private mutating func forget(before moment: Moment) {
    let old = moments.prefix { $0 < moment }.count
    moments.removeFirst(old)
  }
}
