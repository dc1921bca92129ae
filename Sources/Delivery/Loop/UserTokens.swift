import Larkspur
import Planning

/// Which access token a call is made with: the app's, or a user's if one is configured.
extension Worker {
  func usesUserToken(_ channel: Channel) -> Bool {
    accounts[channel.account].usesUserToken(channel.kind)
  }

  /// The token for a call that is due; nil if there is none now.
  func bearer(for channel: Channel, at now: Moment) throws(StoreError) -> String? {
    let account = accounts[channel.account]
    guard channel.kind.rules.takesUserTokens, let source = account.settings.userToken else {
      return account.credential.usable(at: now)
    }
    // Read at each use, because another program renews it.
    switch readSecret(source) {
    case .success(let token): return token
    case .failure(let problem):
      let missing = MissingSecrets(app: account.missing.app, user: problem.why)
      try note(missing, of: channel.account, at: now)
      return nil
    }
  }

  /// Pauses only this API: the app's own token is still good.
  func userTokenRefused(
    _ token: String, _ channel: Channel, why: String, at now: Moment
  ) {
    accounts[channel].record.refusedMark = StableHash.mark(of: token.utf8)
    accounts[channel].pause(
      until: now + RetryPolicy.userTokenPause, why: "the user access token is refused: \(why)")
    accounts[channel].nextTokenLook = now + RetryPolicy.userTokenLooks
    state.unsaved.insert(channel.account)
  }

  /// Ends the pause as soon as a refused token has been replaced.
  func lookForNewUserToken(of account: Int, at now: Moment) {
    for channel in accounts[account].channels.values {
      guard let look = channel.nextTokenLook, look <= now else { continue }
      if isReplaced(channel) {
        accounts[channel.channel].endPause()
        state.unsaved.insert(account)
      } else {
        accounts[channel.channel].nextTokenLook = now + RetryPolicy.userTokenLooks
      }
    }
  }

  private func isReplaced(_ channel: ChannelState) -> Bool {
    // Without a user token in the configuration, the app's token takes its place.
    guard let source = accounts[channel.channel.account].settings.userToken else { return true }
    guard case .success(let token) = readSecret(source) else { return false }
    return channel.record.refusedMark != StableHash.mark(of: token.utf8)
  }

}
