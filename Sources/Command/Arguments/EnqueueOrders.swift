import Larkspur
import Planning
import Terminal

/// `enqueue KIND LANE…`: the asks given on the command line itself.
struct EnqueueAsks: Equatable {
  enum Content: Equatable {
    /// One ask for each token.
    case previews(tokens: [String], Audience)
    /// One ask for each key or URL.
    case previewsBy(Selector, [String], Ask.Reach)
    case card(String, Batch)
    case session(String, channelContext: String?, metadata: String?)
  }

  /// Where the users' open_ids come from.
  enum Audience: Equatable {
    case everyone
    case people([String])
    case file(String)
  }

  struct Batch: Equatable {
    /// The file that holds its actions; `-` is standard input.
    var source: String
    var uuid: String?
    var sequence: Int?
  }

  enum Wait: Equatable {
    case forEver
    case milliseconds(Int)
  }

  var content: Content
  var timing = Timing()
  var wait: Wait?
}

/// When asks may go and when they expire, counted from now, and whether they go before others.
struct Timing: Equatable {
  var after_ms = 0
  var expiresIn_ms: Int?
  var isUrgent = false

  init() {}

  init(_ options: Options) throws(Failure) {
    if let span = options.one("--after") { after_ms = try parseDuration(span) }
    if let span = options.one("--expires-in") { expiresIn_ms = try parseDuration(span) }
    isUrgent = options.has("--urgent")
  }

  /// Replaces the column names in a message of the schema with the options that fill them.
  static func inOptions(_ sentence: String) -> String {
    sentence.replacing("expires_in_ms", with: "--expires-in").replacing("after_ms", with: "--after")
  }
}
