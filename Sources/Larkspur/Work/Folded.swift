import Planning

/// What a pass over new asks has done.
package struct Folded: Sendable {
  /// Channels with a lane that started to wait in this pass.
  package var channels: Set<Channel> = []
  /// How many lanes started to wait.
  package var lanes = 0
  /// The pass ended at its limit; there is more to fold.
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
