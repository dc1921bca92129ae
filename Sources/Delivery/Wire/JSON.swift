import FoundationEssentials
import Planning

/// Any JSON value, for texts that others write and that may differ from their documentation.
package enum JSON: Decodable, Equatable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case list([JSON])
  case object([String: JSON])

  package init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    // No value has two of these types, so the order does not change the result. A failed guess
    // costs as much as decoding the value, so the types that answers mostly consist of come first.
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

  /// The value as JSON text, with members in the order of their names.
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

  /// The value of these bytes. Nil if they are not JSON, or if they nest deeper or hold more values
  /// than any real answer: Foundation takes a second for five hundred nested lists or a megabyte of
  /// numbers, and the loop would hear nothing else meanwhile.
  ///
  /// Text that is not Unicode does not spoil the rest: a server that has carried out a call may
  /// have cut a message in the middle of a character.
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
    // An answer is nearly always an object. Failed guesses would double the time it takes to read.
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
      // Foundation also accepts UTF-16 and UTF-32, where every ASCII character contains a zero
      // byte.
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
