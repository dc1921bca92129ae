/// How failures are handled. The whole policy and all of its numbers are in this file.
///
/// Three things can be at fault. A *lane*: its content is refused. A *channel*: everything that is
/// sent fails. An *account*: only a person can fix it. Only a lane's own failures cost the lane an
/// attempt, so nothing dies because of an outage.
package enum RetryPolicy {
  // MARK: A lane

  /// After this many failures of its own a lane is given up. The number depends on what the
  /// failures show. A documented refusal of the lane's content is always its own. Any other failure
  /// is its own if something has succeeded on the channel since the one before.
  static func attempts(_ evidence: Evidence) -> Int {
    switch evidence {
    // An outage or an internal error: nothing is known to be wrong with the content.
    case .ofNothing: 8
    // An undocumented code, or a documented "this content is wrong" for this lane alone.
    case .undocumented, .ofContent: 4
    }
  }

  /// An undocumented code is believed after this long, even with nothing to compare it with.
  package static let undocumentedIsBelieved: Span = .days(1)

  /// At most this many earlier failures count against an ask that joins a lane, so that it gets
  /// attempts of its own.
  package static let attemptsKept = 2

  /// How long a lane waits after failures of its own.
  static let lane = Backoff(first: .seconds(2), longest: .minutes(10))
  /// A lane also waits longer the longer it has been failing, up to this. In an outage the channel
  /// does the long waiting, so this is short. An undocumented code may be this lane's alone for a
  /// day.
  static func longestWait(_ evidence: Evidence) -> Span {
    evidence == .undocumented ? .minutes(10) : .minutes(1)
  }

  /// After this many calls in a row that were refused for being too many, the lanes go in separate
  /// calls: something else may be refreshing one of them too.
  static let limitsTogether = 2

  /// After this many open_ids in a row have each been refused alone, the token is taken to be
  /// wrong.
  static let strikes = 3

  // MARK: A card

  /// After this many answers that someone is using the card, its update is given up. That takes a
  /// minute or two.
  static let busyWaits = 12
  static let busy = Backoff(first: 300, longest: .seconds(30))

  /// The card knows a higher number than the one sent, but does not say how much higher. The steps
  /// grow, and stay small compared with the range of numbers.
  static let sequenceSteps = [1, 100, 10_000, 1_000_000]

  // MARK: A channel

  /// This many lanes or parcels may die without a success in between.
  package static let deaths = 5

  /// This many failures in a row may still be the fault of the calls themselves.
  static let failuresExcused = 3
  /// Finding one malformed token or open_id among many can take this many refusals in a row.
  static let refusalsExcused = 8
  /// After that, calls go one at a time, with growing pauses, to see whether the refusals are over.
  static let refusalPauses: [Span] = [.seconds(5), .seconds(30), .minutes(2), .minutes(10)]

  /// The host cannot be reached, or fails whatever it is asked.
  static let host = Backoff(first: .seconds(1), longest: .minutes(1))
  /// Too many calls, and the server does not say how long to wait.
  static let limit = Backoff(first: .seconds(1), longest: .minutes(1))
  /// Added to all of these: nothing is retried within a second.
  static let leastPause: Span = .seconds(1)

  /// Feishu reports that the month's quota is used up. One trial call an hour shows whether someone
  /// has bought more.
  package static let quotaProbes: Span = .hours(1)

  /// Something other than Feishu answers. After this long it will not pass by itself.
  static let foreign: Span = .minutes(5)
  /// Longer than the pause between two trial calls. After a gap of this length it is unknown what
  /// answered meanwhile.
  static let foreignGap: Span = .minutes(2)

  // MARK: An account

  /// A parked account is tried once per this span, even if no person has acted.
  package static let parkedProbes: Span = .minutes(15)
  /// After this many refused access tokens in a row, only a person can find out what is wrong.
  package static let tokensRefused = 5
  /// The least time between two requests for a token. One that arrives in its last half hour would
  /// otherwise be requested again at once, as long as the server keeps handing out the same one.
  package static let tokensApart: Span = .seconds(10)
  /// The server handed out the refused token again. It is tried after this pause.
  package static func pauseOfTokens(afterFailures failures: Int, dice: UInt64) -> Span {
    leastPause + lane.wait(afterFailures: failures, dice: dice)
  }
  /// The request for a token failed. It is repeated after this pause.
  package static func pauseOfTokenRequests(afterFailures failures: Int, dice: UInt64) -> Span {
    leastPause + host.wait(afterFailures: failures, dice: dice)
  }
  /// A refused user access token is tried again after the pause. Whether it has been replaced is
  /// checked more often.
  package static let userTokenPause: Span = .minutes(15)
  package static let userTokenLooks: Span = .seconds(10)
  /// How often to check for a secret that cannot be read.
  package static let secretLooks: Span = .seconds(30)
  /// The same for an app ticket that tenants wait for. It has been asked for and comes within minutes.
  package static let ticketLooks: Span = .seconds(1)
  /// How often Feishu is asked to push an app ticket while none has come.
  package static let ticketRequests: Span = .minutes(10)
  /// How often to look how old an app ticket is.
  package static let ticketAgeLooks: Span = .minutes(5)

  // MARK: A run that ends by itself

  /// After this many trial calls, or failures in a row, it leaves the channel to the next run.
  static let probesOfARun = 3
  static let failuresOfARun = 10
  /// `--once` waits out pauses up to this long. Longer ones are left to the next run.
  package static let pauseWaitedOut: Span = .seconds(10)
  /// `--until-empty` waits out pauses up to this long, but not until next month.
  package static let pauseWorthWaiting: Span = .hours(1)
  /// How often it tries when the queue cannot be written. Each try waits a few seconds for the
  /// lock.
  package static let triesToWrite = 20
  /// How often a worker that was told to stop tries to write its last results.
  package static let lastTriesToWrite = 3
}
