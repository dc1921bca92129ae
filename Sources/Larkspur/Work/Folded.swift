import Planning

/// What a pass over new asks has done.
package struct Folded: Sendable {
  /// Channels that have a lane which waits since this pass.
  package var channels: Set<Channel> = []
  /// Lanes that did not wait before and do now.
  package var lanes = 0
  /// The pass ended at its bound; there is more to fold.
  package var more = false
  /// Asks whose rows cannot be used.
  package var dead: [Dead] = []

  package struct Dead: Sendable {
    package let account: String
    package let kind: Kind?
    package let lane: String
    package let reason: String
  }

  package init() {}
}
