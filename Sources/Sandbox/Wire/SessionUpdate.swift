import FoundationEssentials

/// The body of `sessions/:aily_session_id`. A field that is left out is not written.
struct SessionUpdate: Equatable, Decodable {
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

  init?(body: [UInt8]) {
    guard let read = try? JSONDecoder().decode(Self.self, from: Data(body)) else { return nil }
    self = read
  }
}
