/// Why a queue cannot be opened or used, or why an ask was refused. The description is one sentence
/// for people: what happened, to what, and what to do.
public struct QueueError: Error, Equatable, CustomStringConvertible, Sendable {
  /// What a caller can act on.
  public enum Kind: Sendable {
    /// The ask breaks a rule; the sentence says which.
    case refused
    /// There is no queue at this path yet.
    case missing
    /// The file or its folder cannot be created.
    case cannotCreate
    /// There is a file, but it cannot be used.
    case cannotUse
    /// Another program has held the lock for too long; trying again may help.
    case busy
  }

  /// What a caller can act on.
  public let kind: Kind
  /// The sentence for people.
  public let description: String

  /// What to do; nil if it is what follows the last semicolon, as it usually is.
  package let fix: String?

  package init(_ kind: Kind, _ description: String, fix: String? = nil) {
    self.kind = kind
    self.description = description
    self.fix = fix
  }
}
