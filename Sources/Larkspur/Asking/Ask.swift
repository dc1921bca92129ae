import Planning

/// A request to update something: a preview, a card or a session, and when.
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

  let kind: Kind
  let lane: String
  /// The body, but for the actions of a card.
  let body: String
  /// As they were given: nobody has looked at them yet.
  let actions: String?

  private init(
    _ kind: Kind, _ lane: String, account: String, after: Duration, expiresIn: Duration?,
    body: String, actions: String? = nil
  ) {
    self.kind = kind
    self.lane = lane
    self.account = account
    self.after = after
    self.expiresIn = expiresIn
    self.body = body
    self.actions = actions
  }

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
    return Ask(.preview, token, account: account, after: after, expiresIn: expiresIn, body: body)
  }

  /// Applies a batch of actions to a card. Batches of one card are applied in the order in which they
  /// were asked for.
  ///
  /// `actions` is the text of a JSON list of `{"action":…,"params":{…}}`, at most 1,000,000
  /// characters. The `uuid`, 1 to 64 characters, is the name by which Feishu recognises the batch when
  /// it comes again; nil to have one made up. The `sequence` is its number, larger than all before it;
  /// nil for the next one. Neither is changed when it is given.
  public static func card(
    _ card: String, actions: String, uuid: String? = nil, sequence: Int? = nil,
    account: String = "default", after: Duration = .zero, expiresIn: Duration? = nil
  ) -> Ask {
    var fields: Fields = [:]
    fields["uuid"] = uuid.map(Field.text)
    fields["sequence"] = sequence.map(Field.number)
    return Ask(
      .card, card, account: account, after: after, expiresIn: expiresIn,
      body: JSONText.object(fields), actions: actions)
  }

  /// Writes fields of an Aily session, each of at most 255 characters. The last write of a field wins;
  /// one that is nil is left as it is.
  public static func session(
    _ session: String, channelContext: String? = nil, metadata: String? = nil,
    account: String = "default", after: Duration = .zero, expiresIn: Duration? = nil
  ) -> Ask {
    var fields: Fields = [:]
    fields["channel_context"] = channelContext.map(Field.text)
    fields["metadata"] = metadata.map(Field.text)
    return Ask(
      .session, session, account: account, after: after, expiresIn: expiresIn,
      body: JSONText.object(fields))
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
