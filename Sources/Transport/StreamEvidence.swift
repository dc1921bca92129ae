/// What libcurl prints while it carries a call over HTTP/2, as far as it proves that the server did
/// not process the call: the server refused the stream (REFUSED_STREAM), or closed the connection
/// with a GOAWAY that names an earlier stream as the last one (RFC 9113, 6.8 and 8.7). Pure.
///
/// libcurl has no other way to tell. If a later version words a line differently, the line proves
/// nothing, and the outcome is unknown, as it is without HTTP/2.
struct StreamEvidence: Equatable {
  /// The stream of this call.
  private(set) var stream: Int?
  private var isRefused = false
  /// The last stream that the server may have processed on this connection.
  private(set) var lastProcessed: Int?

  init() {}

  /// Takes in one line from libcurl. What the line is about depends only on its beginning, because
  /// the rest may contain a name that somebody else has chosen.
  mutating func note(_ line: String) {
    if line.hasPrefix("REFUSED_STREAM, ") { isRefused = true }
    for opening in ["Using Stream ID: ", "[HTTP/2] ["] {
      if let number = Self.number(in: line, after: opening) { stream = number }
    }
    // libcurl 7.88 misspells it.
    for opening in ["received GOAWAY, ", "recveived GOAWAY, "] where line.hasPrefix(opening) {
      if let name = line.firstRange(of: "last_stream=") {
        note(lastProcessed: Int(line[name.upperBound...].prefix { $0.isNumber }))
      }
    }
  }

  /// A graceful shutdown first names the highest possible stream, and the real last one later.
  mutating func note(lastProcessed last: Int?) {
    guard let last else { return }
    lastProcessed = min(lastProcessed ?? last, last)
  }

  /// Why the server has certainly not processed this call; nil when it may have.
  var refusal: String? {
    if isRefused { return "the server refused the HTTP/2 stream without processing it" }
    guard let stream, let lastProcessed, stream > lastProcessed else { return nil }
    return "the server closed the HTTP/2 connection before it processed the call"
  }

  private static func number(in line: String, after opening: String) -> Int? {
    guard line.hasPrefix(opening) else { return nil }
    return Int(line.dropFirst(opening.count).prefix { $0.isNumber })
  }
}
