/// Reads JSON as RFC 8259 defines it, in one pass over its bytes. Foundation's decoder takes twenty times as
/// long for a small answer, of which there is one for each call, and seconds for one that was made to
/// take long.
///
/// Text that is not Unicode does not spoil the rest: a server that has carried out a call may have cut a
/// message in the middle of a character.
struct JSONReader: ~Copyable {
  /// The bytes are no JSON, or nest deeper than any real answer.
  struct Malformed: Error {}

  private static let depthMax = 32

  private let bytes: [UInt8]
  private var place = 0
  private var depth = 0

  static func read(_ bytes: [UInt8]) throws(Malformed) -> JSON {
    var reader = JSONReader(bytes: bytes)
    let value = try reader.value()
    reader.skipSpace()
    guard reader.place == bytes.count else { throw Malformed() }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func value() throws(Malformed) -> JSON {
    skipSpace()
    switch next {
    case "{": return .object(try members())
    case "[": return .list(try items())
    case "\"": return .string(try string())
    case "t": return try word("true", .bool(true))
    case "f": return try word("false", .bool(false))
    case "n": return try word("null", .null)
    default: return .number(try number())
    }
  }

  /// Of two members with one name the first counts.
  private mutating func members() throws(Malformed) -> [String: JSON] {
    var members: [String: JSON] = [:]
    try elements(until: "}") { (reader) throws(Malformed) in
      reader.skipSpace()
      let name = try reader.string()
      reader.skipSpace()
      try reader.take(":")
      let value = try reader.value()
      if members[name] == nil { members[name] = value }
    }
    return members
  }

  private mutating func items() throws(Malformed) -> [JSON] {
    var items: [JSON] = []
    try elements(until: "]") { (reader) throws(Malformed) in items.append(try reader.value()) }
    return items
  }

  /// What stands between two brackets, with commas in between.
  private mutating func elements(
    until end: UnicodeScalar, _ element: (inout JSONReader) throws(Malformed) -> Void
  ) throws(Malformed) {
    place += 1
    depth += 1
    guard depth <= Self.depthMax else { throw Malformed() }
    skipSpace()
    if next != end {
      try element(&self)
      skipSpace()
      while next == "," {
        place += 1
        try element(&self)
        skipSpace()
      }
    }
    try take(end)
    depth -= 1
  }

  /// Infinite numbers cannot be written as JSON again.
  private mutating func number() throws(Malformed) -> Double {
    let start = place
    if next == "-" { place += 1 }
    if next == "0" { place += 1 } else { try digits() }
    if next == "." {
      place += 1
      try digits()
    }
    if next == "e" || next == "E" {
      place += 1
      if next == "+" || next == "-" { place += 1 }
      try digits()
    }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    guard let number = Double(text), number.isFinite else { throw Malformed() }
    return number
  }

  private mutating func digits() throws(Malformed) {
    let start = place
    while let digit = next, ("0"..."9").contains(digit) { place += 1 }
    if place == start { throw Malformed() }
  }

  private mutating func word(_ word: StaticString, _ value: JSON) throws(Malformed) -> JSON {
    let end = place + word.utf8CodeUnitCount
    guard end <= bytes.count,
      word.withUTF8Buffer({ $0.elementsEqual(bytes[place..<end]) })
    else { throw Malformed() }
    place = end
    return value
  }

  /// The byte that is next, if it is ASCII and there is one.
  private var next: UnicodeScalar? {
    place < bytes.count && bytes[place] < 0x80 ? UnicodeScalar(bytes[place]) : nil
  }

  private mutating func take(_ scalar: UnicodeScalar) throws(Malformed) {
    guard next == scalar else { throw Malformed() }
    place += 1
  }

  private mutating func skipSpace() {
    while let scalar = next, scalar == " " || scalar == "\n" || scalar == "\r" || scalar == "\t" {
      place += 1
    }
  }
}

/// Strings.
extension JSONReader {
  private mutating func string() throws(Malformed) -> String {
    try take("\"")
    var text = ""
    var start = place
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "\""):
        let rest = String(decoding: bytes[start..<place], as: UTF8.self)
        place += 1
        return text.isEmpty ? rest : text + rest
      case UInt8(ascii: "\\"):
        text += String(decoding: bytes[start..<place], as: UTF8.self)
        place += 1
        text.unicodeScalars.append(try escaped())
        start = place
      case ..<0x20: throw Malformed()
      default: place += 1
      }
    }
    throw Malformed()
  }

  private mutating func escaped() throws(Malformed) -> UnicodeScalar {
    guard let mark = next else { throw Malformed() }
    place += 1
    switch mark {
    case "\"", "\\", "/": return mark
    case "b": return "\u{8}"
    case "f": return "\u{c}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "u": return try unicode()
    default: throw Malformed()
    }
  }

  /// A character that takes two escapes needs both of its halves. A half alone is no character.
  private mutating func unicode() throws(Malformed) -> UnicodeScalar {
    let first = try fourDigits()
    if let scalar = UnicodeScalar(first) { return scalar }
    let afterFirst = place
    if first < 0xDC00, next == "\\" {
      place += 1
      if next == "u" {
        place += 1
        let second = try fourDigits()
        if (0xDC00...0xDFFF).contains(second),
          let scalar = UnicodeScalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        {
          return scalar
        }
      }
    }
    place = afterFirst
    return "\u{fffd}"
  }

  private mutating func fourDigits() throws(Malformed) -> UInt32 {
    var number: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = next.flatMap({ Character($0).hexDigitValue }) else { throw Malformed() }
      number = number << 4 + UInt32(digit)
      place += 1
    }
    return number
  }
}
