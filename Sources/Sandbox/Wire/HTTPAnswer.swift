/// What has arrived of an HTTP answer on a connection that is closed after it.
enum HTTPAnswer: Equatable {
  case incomplete
  case complete(status: Int, body: [UInt8])
  case malformed

  private static let lineEnd = Array("\r\n".utf8)

  /// `isClosed`: nothing more will arrive.
  init(_ bytes: [UInt8], isClosed: Bool) {
    var rest = bytes[...]
    while let end = rest.firstRange(of: Self.lineEnd + Self.lineEnd) {
      let head = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
      let lines = head.split(separator: "\r\n")
      rest = rest[end.upperBound...]
      guard let status = Self.status(lines.first ?? "") else {
        self = .malformed
        return
      }
      // An interim answer, such as 100 Continue. The real one follows.
      if status < 200 { continue }
      self = Self.body(rest, Self.fields(lines.dropFirst()), status, isClosed: isClosed)
      return
    }
    self = .incomplete
  }

  private static func status(_ line: Substring) -> Int? {
    let words = line.split(separator: " ")
    guard words.count > 1, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]),
      (100...599).contains(status)
    else { return nil }
    return status
  }

  private static func fields(_ lines: ArraySlice<Substring>) -> [String: String] {
    let pairs = lines.map { line in
      let name = line.prefix { $0 != ":" }
      let value = line.dropFirst(name.count + 1).filter { $0 != " " && $0 != "\t" }
      return (name.lowercased(), value.lowercased())
    }
    return Dictionary(pairs) { $1 }
  }

  private static func body(
    _ rest: ArraySlice<UInt8>, _ fields: [String: String], _ status: Int, isClosed: Bool
  ) -> HTTPAnswer {
    if fields["transfer-encoding"] == "chunked" { return joined(rest, status) }
    guard let length = fields["content-length"] else {
      return isClosed ? .complete(status: status, body: Array(rest)) : .incomplete
    }
    guard let length = Int(length), length >= 0 else { return .malformed }
    if rest.count < length { return .incomplete }
    return .complete(status: status, body: Array(rest.prefix(length)))
  }

  /// A body in chunks, each after its size in hexadecimal digits. The last has no bytes.
  private static func joined(_ chunks: ArraySlice<UInt8>, _ status: Int) -> HTTPAnswer {
    var rest = chunks
    var body: [UInt8] = []
    while let end = rest.firstRange(of: lineEnd) {
      let digits = rest[..<end.lowerBound].prefix { $0 != UInt8(ascii: ";") }
      guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16),
        (0...CallbackConnection.answerMax).contains(size)
      else { return .malformed }
      if size == 0 { return .complete(status: status, body: body) }
      rest = rest[end.upperBound...]
      if rest.count < size + lineEnd.count { return .incomplete }
      body += rest.prefix(size)
      rest = rest.dropFirst(size + lineEnd.count)
    }
    return .incomplete
  }
}
