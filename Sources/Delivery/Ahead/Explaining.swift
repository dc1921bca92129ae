import Larkspur
import Planning

extension Foresight {
  /// When a lane goes. Few lanes are copied at first, because most questions are about what goes
  /// soon, and the answer should come at once.
  package static func explain(
    _ facts: LaneFacts, in inspector: borrowing Inspector, isRunning: Bool, isSilent: Bool = false,
    _ reading: ClockReading
  ) throws(QueueError) -> LaneForecast {
    var foresight: Foresight?
    for calls in [near, far] {
      let attempt = try Foresight(
        queue: inspector.path, account: facts.account, calls: calls, isRunning: isRunning, reading)
      attempt.isSilent = isSilent
      foresight = attempt
      let call: Rehearsal.Call?
      do throws(StoreError) {
        call = try attempt.run(until: facts, calls: calls)
      } catch {
        throw QueueError(error, path: inspector.path)
      }
      let hasAll = attempt.rehearsal.calls.count < calls
      if call != nil || hasAll { return attempt.forecast(facts, taken: call) }
    }
    guard let foresight else { preconditionFailure("nothing was rehearsed") }
    return try foresight.estimate(facts, in: inspector)
  }

  /// For a lane that is further away than the loop runs ahead: as many lanes go in each second as
  /// in the calls that were rehearsed.
  private func estimate(
    _ facts: LaneFacts, in inspector: borrowing Inspector
  ) throws(QueueError) -> LaneForecast {
    var forecast = forecast(facts, taken: nil)
    guard let account = account(facts.account), let lane = facts.id,
      let standing = facts.standing
    else {
      return forecast
    }
    let channel = Channel(account: account.id, kind: facts.kind)
    let calls = rehearsal.calls.filter { $0.channel == channel }
    guard let last = calls.last else { return forecast }
    let lanes = calls.reduce(0) { $0 + $1.lanes.count }
    let place = try inspector.lanes(of: channel, before: lane, standing.turn)
    let goes = max(last.at, now + place * (last.at - now) / lanes)
    forecast.goesAt = goes
    forecast.isEstimate = true
    forecast.place = place
    forecast.opening.letOthersGoFirst(until: goes)
    return forecast
  }
}
