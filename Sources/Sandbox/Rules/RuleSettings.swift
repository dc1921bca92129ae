/// The settings of the rules. Where Feishu's documentation leaves a question open, each possible
/// answer can be chosen.
struct RuleSettings: Equatable {
  /// Calls an app may make on one API; 0 is no limit.
  struct Pace: Equatable {
    var perSecond: Int
    var perMinute: Int
  }

  /// How calls over the limit are counted and answered.
  struct Limiting: Equatable {
    enum Window: String, CaseIterable {
      /// In any second and any minute.
      case sliding
      /// In each second and each minute of the sandbox's clock.
      case fixed
    }

    enum Refused: String, CaseIterable {
      /// A call that is turned away costs nothing.
      case free
      /// It counts like any other.
      case counted
    }

    var window = Window.sliding
    var refused = Refused.free
    var status = 429
    var hasHeaders = true
  }

  /// What a token that comes too early does to its call.
  enum EarlyUpdate: String, CaseIterable {
    /// The whole call is refused.
    case refuse
    /// The call succeeds, and that token is passed over.
    case ignore
  }

  /// What an empty list of open_ids means.
  enum EmptyAudience: String, CaseIterable {
    case nobody, everyone, refuse
  }

  enum CardCheck: String, CaseIterable {
    case uuid, sequence
  }

  /// The answer to a uuid that was accepted before.
  enum ReplayedUUID: String, CaseIterable {
    /// 200770, whatever the batch contains.
    case conflict
    /// Success if the batch is the same as before, and nothing changes; otherwise 200770.
    case success
  }

  /// What a batch that is refused for its content does to its uuid and sequence.
  enum RefusedBatch: String, CaseIterable {
    /// They can be used again.
    case free
    /// They are used up.
    case counted
  }

  /// What happens to a field that a session's update leaves out.
  enum OmittedField: String, CaseIterable {
    case keep, clear
  }

  /// What the documentation means by a character.
  enum Characters: String, CaseIterable {
    case scalars, utf16, bytes

    func count(_ text: String) -> Int {
      switch self {
      case .scalars: text.unicodeScalars.count
      case .utf16: text.utf16.count
      case .bytes: text.utf8.count
      }
    }
  }

  /// App ids and their secrets.
  var apps = ["cli_sandbox": "sandbox"]
  /// The same for store apps.
  var storeApps: [String: String] = [:]
  /// How often Feishu sends a new ticket, and how soon if it is asked to.
  var ticketInterval: Microseconds = 3_600 * 1_000_000
  var resendDelay: Microseconds = 2 * 1_000_000
  /// Tenants that have not installed a store app, and those that there are not.
  var absentTenantPrefix = "absent"
  var wrongTenantPrefix = "wrong"
  /// The app that users' tokens and callbacks belong to.
  var firstApp = "cli_sandbox"
  /// Users' access tokens, and the app each was given to.
  var userTokens = ["u-sandbox": "cli_sandbox"]
  var accessTokenLifetime: Microseconds = 7_200 * 1_000_000

  /// Bytes in an access token by OAuth v3.
  var oauthTokenSize = 4_096
  var oauthPace = Pace(perSecond: 50, perMinute: 1_000)

  var previewPace = Pace(perSecond: 5, perMinute: 0)
  var cardPace = Pace(perSecond: 50, perMinute: 1_000)
  var sessionPace = Pace(perSecond: 50, perMinute: 1_000)
  var limiting = Limiting()

  var earlyUpdate = EarlyUpdate.refuse
  var emptyAudience = EmptyAudience.nobody
  var badTokenPrefix = "bad_token"
  var badOpenIDPrefix = "ou_bad"

  /// Operations on one card in a second; 0 is no limit.
  var operationsPerCardAndSecond = 10
  /// The answer for a card that is changed too often. The documentation does not say what it is.
  var cardLimitAnswer = ForcedAnswer(status: 400, code: 230_020)
  var missingCardPrefix = "missing"
  var expiredCardPrefix = "expired"
  var firstCardCheck = CardCheck.uuid
  var replayedUUID = ReplayedUUID.conflict
  var refusedBatch = RefusedBatch.free
  var uuidMemory: Microseconds = 3_600 * 1_000_000

  var omittedField = OmittedField.keep
  var missingSessionPrefix = "session_absent"
  /// The answer for a session that does not exist. The documentation does not say what it is.
  var missingSessionAnswer = ForcedAnswer(status: 400, code: 2_700_001)

  var characters = Characters.scalars

  func pace(of endpoint: Endpoint) -> Pace {
    switch endpoint {
    case .accessToken, .appToken, .tenantToken, .ticket: Pace(perSecond: 0, perMinute: 0)
    case .oauth: oauthPace
    case .previews: previewPace
    case .cards: cardPace
    case .sessions: sessionPace
    }
  }
}

extension String {
  /// Whether it begins with a prefix that marks names for an answer. An empty prefix marks none.
  func isMarked(by prefix: String) -> Bool { !prefix.isEmpty && hasPrefix(prefix) }
}
