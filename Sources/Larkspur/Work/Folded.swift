import Planning

/// What a pass over new asks has done.
package struct Folded: Sendable {
  /// Channels with a lane that started to wait in this pass, or that has become urgent.
  package var channels: Set<Channel> = []
  /// How many lanes started to wait.
  package var lanes = 0
  /// The pass ended at its limit; there is more to fold.
  package var more = false
  /// Asks whose rows cannot be used.
  package var dead: [DeadAsk] = []

  package init() {}
}

/// An ask that will not be delivered, for a reason that is not the answer to a call.
package struct DeadAsk: Sendable {
  package let account: String
  /// Nil if its row names nothing that exists.
  package let aim: Aim?
  package let lane: String
  package let reason: String
}
