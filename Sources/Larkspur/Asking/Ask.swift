/// A request to update something. What is to be shown anew, to whom, and when.
public struct Ask: Equatable, Sendable {
  /// Who is to see it anew.
  public enum Audience: Equatable, Sendable {
    /// Every member of the chat; each of their clients will pull.
    case everyone
    /// These people, by open_id. More than 100 are reached by several calls.
    case people([String])
  }

  /// The account it belongs to, as the worker's configuration names it.
  public var account: String
  /// It is not sent before this long has passed.
  public var after: Duration
  /// It is not sent once this long has passed; nil for never.
  public var expiresIn: Duration?

  let kind: String
  let lane: String
  let body: String

  /// Shows the preview behind this token anew.
  public static func preview(
    _ token: String, for audience: Audience, account: String = "default",
    after: Duration = .zero, expiresIn: Duration? = nil
  ) -> Ask {
    let body =
      switch audience {
      case .everyone: #"{"everyone":true}"#
      case .people(let people): "{\"open_ids\":\(JSONText.list(people))}"
      }
    return Ask(
      account: account, after: after, expiresIn: expiresIn, kind: "preview", lane: token, body: body
    )
  }
}

/// How an ask stands.
public enum AskState: Equatable, Sendable {
  /// It waits, or a call that carries it is under way.
  case open
  /// All it names were reached by calls that started after it was accepted.
  case delivered
  /// It was refused for good, or tried too often; the reason says which.
  case dead(reason: String)
  /// Its time was up before it could be delivered.
  case expired
  /// A person took it back.
  case cancelled
}
