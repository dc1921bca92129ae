import Larkspur
import Planning

/// What the loop remembers from turn to turn, besides accounts and calls. It is one value, so that
/// a turn whose transaction fails is undone by restoring the value from before the turn.
struct LoopState {
  /// Channels whose `nextReady` has to be read again.
  var stale: Set<Channel> = []
  /// Accounts whose channels may have changed since they were last stored.
  var unsaved: Set<Int> = []
  /// Counts the calls, to let channels take turns.
  var turns = 0
  var upkeep = Upkeep()
  var counting = Counting()
  /// Whether `progress` knows how many lanes there are.
  var areLanesCounted = false
  var strays = StrayUpkeep()
  var sightings = SightingUpkeep()
  var result = WorkResult()
  /// Reported once the turn is committed.
  var events: [WorkEvent] = []

  var seenVersion: Int?
  var seenControl = 0
  /// The month that the channels count for.
  var month = QuotaMonth(number: 0, ends: .min)
  /// The newest ask that has been folded or held back.
  var foldedAsk = 0
  var isFoldedUp = false
  var nextHeld: Moment?
  var nextExpiry: Moment?
  var unknownAccounts: Set<Int> = []
  /// Account numbers of store apps, by name.
  var storeApps: [String: Int] = [:]
  /// Stray asks were found and wait to be folded.
  var hasStrays = false

  /// Asks by key or URL wait for the next turn to be ended.
  var hasKeysToEnd = false

  /// Changes of the configuration that have not been applied yet.
  var changes: [AccountChange] = []

  /// Whether a pass over the queue, or a reload, is under way and continues in the next turn.
  var isTidying: Bool {
    counting.isBusy || upkeep.isBusy || strays.isBusy || sightings.isBusy || hasKeysToEnd
      || !changes.isEmpty
  }
}

/// A call that is on disk and not settled. It may not have been sent yet, or may already be
/// answered.
struct UnderWay {
  enum Cargo {
    case lanes(ClaimedCall, bearer: String)
    case login(Login)
  }

  /// A request for an access token, or for what is needed to get one.
  enum Login {
    case own(TokenEndpoint)
    /// A store app's, with the mark of the ticket that it names.
    case app(ticket: Int)
    /// A tenant's, with the app's access token.
    case tenant(app: Int, token: String)
    case ticketAgain
  }

  let account: Int
  /// The account's settings when the call began.
  let settings: AccountSettings
  let cargo: Cargo
  let started: Moment
  let sentBytes: Int
  /// When its last byte was handed to the network.
  var sent: Moment?

  var channel: Channel? { if case .lanes(let call, _) = cargo { call.channel } else { nil } }
}

/// A call that has been answered, or never will be.
struct FinishedCall {
  let id: Int
  let call: UnderWay
  let outcome: Outcome
  let answer: Answer
  let at: Moment
}

/// The rate of calls over the last 5 s, for the progress line.
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
    // Calls come in bursts. The added second keeps a burst that has just begun from looking like a
    // much higher rate.
    return Double(moments.count) * 1_000 / Double(now - first + .seconds(1))
  }

  private mutating func forget(before moment: Moment) {
    let old = moments.prefix { $0 < moment }.count
    moments.removeFirst(old)
  }
}
