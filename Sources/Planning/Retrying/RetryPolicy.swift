/// How failures are dealt with: all of the policy, and no other file has a number of it.
///
/// Three things are kept apart. A *lane* may be at fault: what it carries is refused. A *channel* may be: what
/// is sent fails whatever it is. An *account* may be: only a person can fix it. What is a lane's own costs the
/// lane an attempt; nothing else does. So nobody dies of an outage.
package enum RetryPolicy {
  // MARK: A lane

  /// So many failures of its own, and it is given up, by what the failures show. A failure is its own when
  /// something else has succeeded on the channel since the one before.
  static func attempts(_ evidence: Evidence) -> Int {
    switch evidence {
    // An outage, an internal error: nothing is known to be wrong with what was sent.
    case .ofNothing: 8
    // A code that nobody has documented; or a documented "this content is wrong", for this lane alone.
    case .undocumented, .ofContent: 4
    }
  }

  /// An undocumented code that has come for so long, with nothing to compare it with, is believed.
  package static let undocumentedIsBelieved: Span = .days(1)

  /// What joins a lane that has often failed has some attempts of its own.
  package static let attemptsKept = 2

  /// A lane whose call failed waits so long, and no longer than it has been failing.
  static let lane = Backoff(first: .seconds(2), longest: .minutes(10))
  /// In an outage it is the channel that waits for long. A code that nobody has documented may be this lane's
  /// alone, for a day.
  static func longestWait(_ evidence: Evidence) -> Span {
    evidence == .undocumented ? .minutes(10) : .minutes(1)
  }

  /// Calls in a row that were one too many, after which lanes go apart: one of them may be refreshed by somebody
  /// else as well.
  static let limitsTogether = 2

  /// Open_ids that are refused alone, one after the other, before it is the token that is taken to be wrong.
  static let strikes = 3

  // MARK: A card

  /// Somebody is using the card: it is waited for so often, for a minute or two in all.
  static let busyWaits = 12
  static let busy = Backoff(first: 300, longest: .seconds(30))

  /// The card knows a higher number than the one that was sent. How much higher nobody knows: the steps grow,
  /// and stay small beside the numbers there are.
  static let sequenceSteps = [1, 100, 10_000, 1_000_000]

  // MARK: A channel

  /// So many lanes, or parcels, may die without a success in between.
  package static let deaths = 5

  /// Failures in a row that may still be a call's own fault.
  static let failuresExcused = 3
  /// Looking for one malformed token or open_id among many takes so many refusals in a row.
  static let refusalsExcused = 8
  /// Then one call at a time shows whether it is over, after pauses that grow.
  static let refusalPauses: [Span] = [.seconds(5), .seconds(30), .minutes(2), .minutes(10)]

  /// A host that cannot be reached, or fails whatever it is asked.
  static let host = Backoff(first: .seconds(1), longest: .minutes(1))
  /// One call too many, and the server does not say how long to wait.
  static let limit = Backoff(first: .seconds(1), longest: .minutes(1))
  /// Before any of these: nothing is asked again within a second.
  static let leastPause: Span = .seconds(1)

  /// Feishu says that the month's quota is spent. A probe an hour shows whether somebody has bought more.
  package static let quotaProbes: Span = .hours(1)

  /// What answers is not Feishu. After so long it will not pass by itself.
  static let foreign: Span = .minutes(5)
  /// Longer than the pauses between two probes: after it nobody knows what has stood there meanwhile.
  static let foreignGap: Span = .minutes(2)

  // MARK: An account

  /// Parked, it is tried once in so long without a person having said anything.
  package static let parkedProbes: Span = .minutes(15)
  /// Access tokens that are refused in a row, after which only a person can know what is wrong.
  package static let tokensRefused = 5
  /// One that is handed out with less than half its renewal time left would be asked for again at once, for as
  /// long as the server hands out the same one.
  package static let tokensApart: Span = .seconds(10)
  /// The one that has been refused already comes back: it is tried again after a while.
  package static func pauseOfTokens(afterFailures failures: Int, dice: UInt64) -> Span {
    leastPause + lane.wait(afterFailures: failures, dice: dice)
  }
  /// There was no token to be had.
  package static func pauseOfTokenRequests(afterFailures failures: Int, dice: UInt64) -> Span {
    leastPause + host.wait(afterFailures: failures, dice: dice)
  }
  /// A user access token that was refused is tried again, unless it has been replaced, which is looked for more
  /// often.
  package static let userTokenPause: Span = .minutes(15)
  package static let userTokenLooks: Span = .seconds(10)
  /// How often to look for a secret that cannot be read.
  package static let secretLooks: Span = .seconds(30)

  // MARK: A run that has an end

  /// It leaves the channel to the next run after so many probes, or failures in a row.
  static let probesOfARun = 3
  static let failuresOfARun = 10
  /// `--once` waits out pauses up to this long; longer ones are for the next run.
  package static let pauseWaitedOut: Span = .seconds(10)
  /// `--until-empty` does not wait for next month.
  package static let pauseWorthWaiting: Span = .hours(1)
  /// How often it tries when the queue cannot be written; each try waits some seconds for the lock.
  package static let triesToWrite = 20
  /// And when it has been asked to end, to write down its last results.
  package static let lastTriesToWrite = 3
}
