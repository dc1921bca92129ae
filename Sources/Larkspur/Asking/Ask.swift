import Planning

/// A request to refresh previews, or to update a card or a session.
public struct Ask: Equatable, Sendable {
  /// The users for whom a preview is refreshed.
  public enum Audience: Equatable, Sendable {
    /// Every member of the chat; all of their clients pull the preview again.
    case everyone
    /// These users, by open_id. More than 100 take several calls.
    case people([String])
  }

  /// The users for whom all previews that show something are refreshed.
  public enum Reach: Equatable, Sendable {
    /// Every member of their chats.
    case everyone
    /// The users whose clients have requested the preview, as far as sightings tell. A preview for
    /// which none or more than 100 are known is refreshed for everyone.
    case viewers
  }

  /// The account it belongs to, as the worker's configuration names it.
  public var account: String
  /// How long the ask waits before it may be sent.
  public var after: Duration
  /// How long until the ask expires and is no longer sent; nil for never.
  public var expiresIn: Duration?
  /// Whether it goes before others that are due. While others wait, urgent asks take four of five
  /// calls.
  public var isUrgent: Bool

  let aim: Aim
  let lane: String
  /// The body, without the actions of a card.
  let body: String
  /// The actions of a card as they were given, not checked yet.
  let actions: String?

  private init(
    _ aim: Aim, _ lane: String, account: String, after: Duration, expiresIn: Duration?,
    isUrgent: Bool, body: String, actions: String? = nil
  ) {
    self.aim = aim
    self.lane = lane
    self.account = account
    self.after = after
    self.expiresIn = expiresIn
    self.isUrgent = isUrgent
    self.body = body
    self.actions = actions
  }

  /// Refreshes the preview behind this token.
  public static func preview(
    _ token: String, for audience: Audience, account: String = "default",
    after: Duration = .zero, expiresIn: Duration? = nil, isUrgent: Bool = false
  ) -> Ask {
    let body =
      switch audience {
      case .everyone: #"{"everyone":true}"#
      case .people(let people): "{\"open_ids\":\(JSONText.list(people))}"
      }
    return Ask(
      .lane(of: .preview), token, account: account, after: after, expiresIn: expiresIn,
      isUrgent: isUrgent, body: body)
  }

  /// Refreshes every preview that was seen with this key: say what has changed, not which tokens.
  public static func key(
    _ key: String, for reach: Reach, account: String = "default", after: Duration = .zero,
    expiresIn: Duration? = nil, isUrgent: Bool = false
  ) -> Ask {
    Ask(
      .previews(by: .key), key, account: account, after: after, expiresIn: expiresIn,
      isUrgent: isUrgent, body: body(reach))
  }

  /// Refreshes every preview that was seen with exactly this URL.
  public static func url(
    _ url: String, for reach: Reach, account: String = "default", after: Duration = .zero,
    expiresIn: Duration? = nil, isUrgent: Bool = false
  ) -> Ask {
    Ask(
      .previews(by: .url), url, account: account, after: after, expiresIn: expiresIn,
      isUrgent: isUrgent, body: body(reach))
  }

  private static func body(_ reach: Reach) -> String {
    reach == .everyone ? #"{"everyone":true}"# : #"{"viewers":true}"#
  }

  /// Applies a batch of actions to a card. Batches of one card are applied in the order in which
  /// they were asked for.
  ///
  /// `actions` is the text of a JSON list of `{"action":…,"params":{…}}`, at most 1,000,000
  /// characters. The `uuid`, 1 to 64 characters, lets Feishu recognise the batch if it is sent
  /// again; nil to generate one. The `sequence` is the batch's number, larger than all before it;
  /// nil for the next one. Larkspur never changes a value that you give.
  public static func card(
    _ card: String, actions: String, uuid: String? = nil, sequence: Int? = nil,
    account: String = "default", after: Duration = .zero, expiresIn: Duration? = nil,
    isUrgent: Bool = false
  ) -> Ask {
    var fields: Fields = [:]
    fields["uuid"] = uuid.map(Field.text)
    fields["sequence"] = sequence.map(Field.number)
    return Ask(
      .lane(of: .card), card, account: account, after: after, expiresIn: expiresIn,
      isUrgent: isUrgent, body: JSONText.object(fields), actions: actions)
  }

  /// Writes fields of an Aily session, each of at most 255 characters. The last write of a field
  /// wins; nil leaves a field unchanged.
  public static func session(
    _ session: String, channelContext: String? = nil, metadata: String? = nil,
    account: String = "default", after: Duration = .zero, expiresIn: Duration? = nil,
    isUrgent: Bool = false
  ) -> Ask {
    var fields: Fields = [:]
    fields["channel_context"] = channelContext.map(Field.text)
    fields["metadata"] = metadata.map(Field.text)
    return Ask(
      .lane(of: .session), session, account: account, after: after, expiresIn: expiresIn,
      isUrgent: isUrgent, body: JSONText.object(fields))
  }
}

/// The state of an ask.
public enum AskState: Equatable, Sendable {
  /// It waits, or a call in flight carries it.
  case open
  /// Everyone it names was reached by calls that started after it was accepted.
  case delivered
  /// It was given up: refused, or tried too often. The reason says which.
  case dead(reason: String)
  /// It expired before it could be delivered.
  case expired
  /// A person cancelled it.
  case cancelled

  /// As the columns of `ask` have it.
  package init(outcome: String?, reason: String?) {
    switch outcome {
    case "delivered": self = .delivered
    case "dead": self = .dead(reason: reason ?? "")
    case "expired": self = .expired
    case "cancelled": self = .cancelled
    default: self = .open
    }
  }
}
