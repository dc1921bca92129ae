import Terminal

/// `enqueue KIND LANE…`: what the command line itself asks for.
struct EnqueueAsks: Equatable {
  enum Content: Equatable {
    /// One ask for each token.
    case previews(tokens: [String], Audience)
    case card(String, Batch)
    case session(String, channelContext: String?, metadata: String?)
  }

  /// Where the people come from.
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

/// When asks may go, counted from now.
struct Timing: Equatable {
  var after_ms = 0
  var expiresIn_ms: Int?

  init() {}

  init(_ options: Options) throws(Failure) {
    if let span = options.one("--after") { after_ms = try parseDuration(span) }
    if let span = options.one("--expires-in") { expiresIn_ms = try parseDuration(span) }
  }

  /// What the schema says of its columns, said of the options they are filled from.
  static func inOptions(_ sentence: String) -> String {
    sentence.replacing("expires_in_ms", with: "--expires-in").replacing("after_ms", with: "--after")
  }
}
