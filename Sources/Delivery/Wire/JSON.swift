import FoundationEssentials
import Planning

/// Any JSON value, for what others write and may write otherwise than documented.
package enum JSON: Decodable, Equatable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case list([JSON])
  case object([String: JSON])

  package init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    // No value is of two of these types, so any order will do. Each guess that fails costs as much as
    // the value itself: what answers are mostly made of comes first.
    if value.decodeNil() {
      self = .null
    } else if let string = try? value.decode(String.self) {
      self = .string(string)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let members = try? value.decode([String: JSON].self) {
      self = .object(members)
    } else if let list = try? value.decode([JSON].self) {
      self = .list(list)
    } else {
      self = .bool(try value.decode(Bool.self))
    }
  }

  /// Its members in the order of their names.
  package var text: String {
    switch self {
    case .null: "null"
    case .bool(let bool): "\(bool)"
    case .number(let number): Int(exactly: number).map(String.init) ?? "\(number)"
    case .string(let string): JSONText.string(string)
    case .list(let list): "[\(list.map(\.text).joined(separator: ","))]"
    case .object(let members):
      JSONText.object(members.sorted { $0.key < $1.key }.map { ($0, $1.text) })
    }
  }

  /// The value of these bytes; nil when they are not JSON, or nest or count more values than anybody
  /// answers: Foundation takes a second for five hundred lists in each other, or for a megabyte of
  /// numbers, and nothing else would be heard meanwhile.
  ///
  /// Text that is not Unicode does not spoil the rest: a server that has carried a call out may have cut
  /// a message in the middle of a character.
  package init?(_ bytes: [UInt8]) {
    guard Self.isReadQuickly(bytes) else { return nil }
    if let value = Self.decode(bytes) {
      self = value
    } else {
      let unicode = UnicodeText.repaired(bytes)
      guard unicode != bytes, let value = Self.decode(unicode) else { return nil }
      self = value
    }
  }

  private static func decode(_ bytes: [UInt8]) -> JSON? {
    let decoder = JSONDecoder()
    // What an answer nearly always is. Guesses that fail would double the time that reading it takes.
    if bytes.first == UInt8(ascii: "{") {
      return (try? decoder.decode([String: JSON].self, from: Data(bytes))).map(JSON.object)
    }
    return try? decoder.decode(JSON.self, from: Data(bytes))
  }

  private static let depthMax = 32
  private static let valuesMax = 10_000

  private static func isReadQuickly(_ bytes: [UInt8]) -> Bool {
    var isInString = false
    var isEscaped = false
    var depth = 0
    var values = 0
    for byte in bytes {
      // In UTF-16 and UTF-32, which Foundation takes too, every ASCII character brings one along.
      if byte == 0 { return false }
      if isInString {
        if byte == UInt8(ascii: "\"") && !isEscaped { isInString = false }
        isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
        continue
      }
      switch UnicodeScalar(byte) {
      case "\"": isInString = true
      case ",": values += 1
      case "[", "{":
        depth += 1
        values += 1
      case "]", "}": depth -= 1
      default: continue
      }
      if depth > depthMax || values > valuesMax { return false }
    }
    return true
  }

  package subscript(_ key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members[key]
  }

  package var string: String? {
    guard case .string(let string) = self else { return nil }
    return string
  }

  /// A whole number, also when it is written as a string.
  package var int: Int? {
    switch self {
    case .number(let number): Int(exactly: number)
    case .string(let string): Int(string)
    default: nil
    }
  }
}
