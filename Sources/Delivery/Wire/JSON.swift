import Planning

/// Any JSON value, for texts that others write and that may differ from their documentation.
package enum JSON: Equatable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case list([JSON])
  case object([String: JSON])

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

  /// The value of these bytes. Nil if they are not JSON.
  package init?(_ bytes: [UInt8]) {
    guard let value = try? JSONReader.read(bytes) else { return nil }
    self = value
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
