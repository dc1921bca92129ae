import Planning

/// One JSON object on one line, safe to show on a terminal. Its keys keep the order they are given
/// in.
package struct JSONObject {
  package enum Value: ExpressibleByStringLiteral {
    case null
    case bool(Bool)
    case int(Int)
    case real(Double)
    case text(String)
    case texts([String])
    case object(JSONObject)
    case list([JSONObject])
    /// Text that is already JSON.
    case json(String)

    package init(stringLiteral value: String) { self = .text(value) }

    package static func of(_ value: Int?) -> Value { value.map(Value.int) ?? .null }
    package static func of(_ value: String?) -> Value { value.map(Value.text) ?? .null }

    package var text: String {
      switch self {
      case .null: "null"
      case .bool(let bool): String(bool)
      case .int(let number): String(number)
      case .real(let number): number.isFinite ? String(number) : "null"
      case .text(let text): JSONText.string(text)
      case .texts(let texts): JSONText.list(texts)
      case .object(let object): object.text
      case .list(let objects): "[\(objects.map(\.text).joined(separator: ","))]"
      case .json(let json): json
      }
    }
  }

  private let members: [(String, Value)]

  package init(_ members: [(String, Value)]) { self.members = members }

  package var text: String {
    printableJSON(JSONText.object(members.map { ($0, $1.text) }))
  }
}
