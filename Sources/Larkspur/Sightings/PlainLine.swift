/// Reads the JSON that programs write, several times as fast as SQLite does. What is rare (escapes,
/// numbers that are not small and whole) or wrong is left to SQLite.
struct PlainLine {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0

  /// Nil if SQLite has to look at the line.
  static func tree(_ line: String) -> LineTree? {
    var line = line
    return line.withUTF8 { bytes in
      var reader = PlainLine(bytes: bytes)
      guard let tree = reader.value(depth: 0) else { return nil }
      reader.skipSpace()
      return reader.place == bytes.count ? tree : nil
    }
  }

  private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  private static let depthMost = 16

  private mutating func skipSpace() {
    while place < bytes.count, Self.isSpace(bytes[place]) { place += 1 }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
      || byte == UInt8(ascii: "\n")
  }

  /// Takes this character, after any space, if it is next.
  private mutating func takes(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func value(depth: Int) -> LineTree? {
    skipSpace()
    guard place < bytes.count, depth < Self.depthMost else { return nil }
    switch bytes[place] {
    case UInt8(ascii: "\""): return string().map { .string($0) }
    case UInt8(ascii: "{"): return object(depth)
    case UInt8(ascii: "["): return list(depth)
    case UInt8(ascii: "n"): return takesWord("null") ? .null : nil
    case UInt8(ascii: "t"): return takesWord("true") ? .other : nil
    case UInt8(ascii: "f"): return takesWord("false") ? .other : nil
    default: return integer()
    }
  }

  private mutating func takesWord(_ word: StaticString) -> Bool {
    let end = place + word.utf8CodeUnitCount
    guard end <= bytes.count,
      bytes[place..<end].elementsEqual(
        UnsafeBufferPointer(start: word.utf8Start, count: end - place))
    else { return false }
    place = end
    return true
  }

  private mutating func string() -> String? {
    guard takes("\"") else { return nil }
    let start = place
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "\""):
        let text = String(
          decoding: UnsafeBufferPointer(rebasing: bytes[start..<place]), as: UTF8.self)
        place += 1
        return text
      case UInt8(ascii: "\\"), 0..<0x20: return nil
      default: place += 1
      }
    }
    return nil
  }

  private mutating func integer() -> LineTree? {
    let start = place
    while place < bytes.count, case UInt8(ascii: "0")...UInt8(ascii: "9") = bytes[place] {
      place += 1
    }
    let digits = bytes[start..<place]
    guard 1...15 ~= digits.count, digits.count == 1 || digits.first != UInt8(ascii: "0"),
      place == bytes.count || Self.mayFollowNumber(bytes[place])
    else { return nil }
    return .integer(String(decoding: UnsafeBufferPointer(rebasing: digits), as: UTF8.self))
  }

  private static func mayFollowNumber(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
      || isSpace(byte)
  }

  private mutating func list(_ depth: Int) -> LineTree? {
    place += 1
    var values: [LineTree] = []
    if takes("]") { return .list(values) }
    repeat {
      guard let value = value(depth: depth + 1) else { return nil }
      values.append(value)
    } while takes(",")
    return takes("]") ? .list(values) : nil
  }

  private mutating func object(_ depth: Int) -> LineTree? {
    place += 1
    var members: [(name: String, value: LineTree)] = []
    if takes("}") { return .object(members) }
    repeat {
      guard let name = string(), takes(":"), let value = value(depth: depth + 1) else { return nil }
      members.append((name, value))
    } while takes(",")
    return takes("}") ? .object(members) : nil
  }
}
