import Larkspur
import Planning

/// What a queue's worker will do, as far as that can be known now.
package final class Foresight {
  package let rehearsal: Rehearsal
  package let accounts: [StoredAccount]
  package let isRunning: Bool
  /// Whether the worker that is running does not look at the queue: it was stopped, or hangs.
  package var isSilent = false

  /// How many calls the loop runs ahead: at first, and at most.
  package static let near = 100
  package static let far = 2_000

  /// With an account, the others are left out.
  package init(
    queue: String, account: String?, calls: Int, isRunning: Bool, _ reading: ClockReading
  ) throws(QueueError) {
    let copy = try QueueCopy(of: queue, account: account, calls: calls)
    do throws(StoreError) {
      accounts = try copy.store.storedAccounts()
      self.isRunning = isRunning
      rehearsal = try Rehearsal(copy, accounts, isRunning: isRunning, reading)
    } catch {
      throw QueueError(error, path: queue)
    }
  }

  package var now: Moment { rehearsal.began }

  package func account(_ name: String) -> StoredAccount? { accounts.first { $0.name == name } }

  /// Why the channel may not call now, with what only a person can end.
  package func opening(of kind: Kind, _ account: String) -> Opening {
    guard let known = self.account(account) else { return outside() }
    var opening =
      rehearsal.openings[Channel(account: known.id, kind: kind)] ?? unused(in: known)
    if known.isConfigured == false { opening.wait(for: .unconfigured, until: nil) }
    if known.lacksSecret { opening.wait(for: .credentials, until: nil) }
    if !isRunning || isSilent { opening.wait(for: .noWorker, until: nil) }
    return opening
  }

  /// For a channel that no worker has used yet.
  private func unused(in account: StoredAccount) -> Opening {
    var opening = Opening(at: now)
    if account.isParked { opening.wait(for: .parked, until: nil) }
    return opening
  }

  /// For an account that no worker has seen yet.
  private func outside() -> Opening {
    var opening = Opening(at: now)
    if !isRunning || isSilent { opening.wait(for: .noWorker, until: nil) }
    return opening
  }
}

/// When a lane goes, and why not earlier.
package struct LaneForecast: Sendable {
  /// Nil if it depends on a person, or if the lane waits for nothing but an answer.
  package var goesAt: Moment?
  package var isEstimate = false
  package var opening: Opening
  /// The call that takes it.
  package var call: Rehearsal.Call?
  /// How many lanes go before it, if it is further away than the loop runs ahead.
  package var place: Int?
}

extension Foresight {
  /// Runs ahead until the lane goes. Nil if it does not go within `calls` calls.
  package func run(
    until facts: LaneFacts, calls: Int
  ) throws(StoreError) -> Rehearsal.Call? {
    guard let account = account(facts.account) else { return nil }
    let channel = Channel(account: account.id, kind: facts.kind)
    let takes = { (call: Rehearsal.Call) in
      call.channel == channel && call.lanes.contains { $0.name == facts.name }
    }
    try rehearsal.run(callsMost: calls, until: takes)
    return rehearsal.calls.first(where: takes)
  }

  /// What keeps the lane, once it is known which call takes it.
  package func forecast(_ facts: LaneFacts, taken call: Rehearsal.Call?) -> LaneForecast {
    var opening = opening(of: facts.kind, facts.account)
    let isHeld = opening.because.contains {
      $0.until == nil && Self.needsPerson.contains($0.reason)
    }
    if let standing = facts.standing {
      opening = standing.opening(opening, at: now)
    } else if facts.asks.count == 0, let until = facts.delayedUntil {
      opening.wait(for: .delay, until: until)
    }
    var forecast = LaneForecast(opening: opening)
    if isHeld || isParked(facts.account) { return forecast }
    guard let call else { return forecast }
    forecast.call = call
    forecast.goesAt = call.at
    forecast.isEstimate = !call.isExact
    if let first = firstWithToken(before: call) {
      forecast.opening.wait(for: .credentials, until: first)
    }
    // Whatever else there is ends earlier, so the lanes before it decide.
    if facts.standing?.state != .inFlight, forecast.opening.at.map({ $0 < call.at }) ?? false {
      if hasOthers(before: call) {
        forecast.opening.letOthersGoFirst(until: call.at)
      } else if let decides = call.decides {
        forecast.opening.wait(for: decides, until: call.at)
      }
    }
    return forecast
  }

  private func hasOthers(before call: Rehearsal.Call) -> Bool {
    call.lanes.count > 1
      || rehearsal.calls.contains {
        $0.channel == call.channel && $0.id != call.id && $0.at <= call.at
      }
  }

  /// When the channel's first call leaves, if the account has to fetch an access token before.
  private func firstWithToken(before call: Rehearsal.Call) -> Moment? {
    let account = accounts.first { $0.id == call.channel.account }
    if account?.tokenExpires.map({ $0 > now }) ?? false { return nil }
    if account?.hasUserToken ?? false, call.channel.kind.rules.takesUserTokens { return nil }
    return rehearsal.calls.first { $0.channel == call.channel }?.at
  }

  private func isParked(_ name: String) -> Bool { account(name)?.isParked ?? false }

  private static let needsPerson: Set<Opening.Reason> = [.unconfigured, .credentials, .noWorker]
}
