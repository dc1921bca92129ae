import Larkspur
import Planning

/// Ends the lanes of an account that can have none any more, because it has become a store app or one's tenant.
extension Worker {
  /// Some milliseconds of work.
  private static let lanesPerTurn = 100

  func endLanesThatCannotBe(of account: Int, at now: Moment) throws(StoreError) {
    let known = accounts[account]
    for kind in Kind.allCases {
      guard let problem = known.settings.issuing.problem(with: kind),
        let channel = known.channels[kind], channel.nextReady != nil
      else { continue }
      let settled = try store.endLanes(
        of: channel.channel, reason: problem.reason, atMost: Self.lanesPerTurn, at: now)
      count(settled, account: known.settings.name, kind, .none)
      accounts[channel.channel].next = try store.nextReady(channel.channel)
      state.counting.noteActivity(at: now)
    }
  }
}
