/// Where a text stops being JSON5, and what is missing there. Foundation reads the configuration, and says only that it
/// cannot.
struct JSON5Fault: Equatable {
  let line: Int
  /// In characters.
  let column: Int
  let what: String

  var sentence: String { "line \(line), column \(column): \(what)" }
}

/// Looks for the first fault. It is more lenient than Foundation in numbers and escape sequences, so it may find none.
struct JSON5Search {
  private let bytes: [UInt8]
  private var place = 0
  private var open: [UInt8] = []

  static func fault(in bytes: [UInt8]) -> JSON5Fault? {
    var search = JSON5Search(bytes)
    do throws(Found) {
      try search.run()
      return nil
    } catch {
      return search.fault(error)
    }
  }

  private struct Found: Error {
    let place: Int
    let what: String
  }

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  private func fault(_ found: Found) -> JSON5Fault {
    let before = bytes[..<min(found.place, bytes.count)]
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return JSON5Fault(
      line: before.count { $0 == UInt8(ascii: "\n") } + 1,
      column: String(decoding: bytes[lineStart..<before.count], as: UTF8.self).count + 1,
      what: found.what)
  }

  private mutating func run() throws(Found) {
    try value()
    while let container = open.last {
      try skipSpace()
      if next == container {
        close()
      } else if take(",") {
        try member(of: container)
      } else {
        throw here("a comma or \(Character(UnicodeScalar(container))) is missing")
      }
    }
    try skipSpace()
    if next != nil { throw here("nothing may follow here") }
  }

  /// After a comma, or after what opens a container. A comma may be the last thing in it.
  private mutating func member(of container: UInt8) throws(Found) {
    try skipSpace()
    if next == container { return close() }
    if container == UInt8(ascii: "}") { try name() }
    try value()
  }

  private mutating func name() throws(Found) {
    if next == UInt8(ascii: "\"") || next == UInt8(ascii: "'") {
      try string()
    } else if word().isEmpty {
      throw here("a name is missing")
    }
    try skipSpace()
    if !take(":") { throw here("a colon is missing") }
  }

  private mutating func value() throws(Found) {
    try skipSpace()
    switch next {
    case UInt8(ascii: "{"): try enter("}")
    case UInt8(ascii: "["): try enter("]")
    case UInt8(ascii: "\""), UInt8(ascii: "'"): try string()
    default:
      let start = place
      let word = word()
      if word.isEmpty { throw here("a value is missing") }
      let unsigned = word.drop { "+-".contains($0) }
      let isNumber = unsigned.first.map { $0.isNumber || $0 == "." } ?? false
      if !isNumber && !Self.words.contains(unsigned) {
        throw Found(place: start, what: "text needs quotes")
      }
    }
  }

  private static let words: Set<Substring> = ["true", "false", "null", "Infinity", "NaN"]

  /// Foundation reads no deeper, and the search calls itself.
  private static let deepest = 512

  private mutating func enter(_ end: Unicode.Scalar) throws(Found) {
    if open.count == Self.deepest { throw here("too many brackets are open") }
    place += 1
    open.append(UInt8(ascii: end))
    try member(of: UInt8(ascii: end))
  }

  private mutating func close() {
    place += 1
    open.removeLast()
  }

  private mutating func string() throws(Found) {
    let (start, quote) = (place, bytes[place])
    place += 1
    while let byte = next, byte != UInt8(ascii: "\n") {
      place += 1
      if byte == quote { return }
      guard byte == UInt8(ascii: "\\"), next != nil else { continue }
      // Also a line break, after which the string goes on.
      place += bytes[place...].starts(with: "\r\n".utf8) ? 2 : 1
    }
    throw Found(place: start, what: "the text that begins here has no quote at its end")
  }

  /// A name, a number or a word without quotes.
  private mutating func word() -> String {
    let start = place
    while let byte = next, Self.isOfWords(byte) { place += 1 }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  private static func isOfWords(_ byte: UInt8) -> Bool {
    byte >= 0x80 || "+-._$".utf8.contains(byte) || Character(UnicodeScalar(byte)).isLetter
      || Character(UnicodeScalar(byte)).isNumber
  }

  private mutating func skipSpace() throws(Found) {
    while let byte = next {
      if [0x20, 0x09, 0x0a, 0x0d, 0x0b, 0x0c].contains(byte) {
        place += 1
      } else if bytes[place...].starts(with: "//".utf8) {
        place = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      } else if bytes[place...].starts(with: "/*".utf8) {
        try skipComment()
      } else {
        return
      }
    }
  }

  private mutating func skipComment() throws(Found) {
    let start = place
    place += 2
    while place < bytes.count {
      if bytes[place...].starts(with: "*/".utf8) {
        place += 2
        return
      }
      place += 1
    }
    throw Found(place: start, what: "the comment that begins here has no */ at its end")
  }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func take(_ wanted: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: wanted) else { return false }
    place += 1
    return true
  }

  private func here(_ what: String) -> Found { Found(place: place, what: what) }
}
