import Larkspur
import Planning

/// Stores what outlives the run: pauses, what has failed, the month's calls, and what people who look
/// are told about the next call.
extension Worker {
  /// Writes the channels that this turn has changed. Once, at its end, because most calls change
  /// their channel twice: when they are settled, and when the next one is claimed.
  func saveBudgets(at now: Moment) throws(StoreError) {
    for account in state.unsaved.sorted() { try saveBudgets(of: account, at: now) }
    state.unsaved = []
  }

  private func saveBudgets(of account: Int, at now: Moment) throws(StoreError) {
    let known = accounts[account]
    if known.credential.expires != known.tokenOnDisk {
      try store.put(tokenExpires: known.credential.expires, of: account)
      accounts[account].tokenOnDisk = known.credential.expires
    }
    for channel in known.channels.values {
      let opening = known.opening(of: channel, .ordinary, state.month, at: now, ahead: 0).ofChannel
      if opening != channel.record.opening { accounts[channel.channel].record.opening = opening }
    }
    for channel in accounts[account].channels.values where channel.record != channel.recordOnDisk {
      try store.put(
        channel.record, insteadOf: channel.recordOnDisk, account, channel.channel.kind.api, at: now)
      accounts[channel.channel].recordOnDisk = channel.record
    }
  }
}
