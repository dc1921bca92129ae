/// The body of `sessions/:aily_session_id`. A field that is left out is nil;
/// `RuleSettings.OmittedField` says what that means.
struct SessionUpdate: Equatable, StrictBody {
  var channelContext: String?
  var metadata: String?

  enum CodingKeys: String, CodingKey {
    case channelContext = "channel_context"
    case metadata
  }

  init(channelContext: String? = nil, metadata: String? = nil) {
    self.channelContext = channelContext
    self.metadata = metadata
  }
}
