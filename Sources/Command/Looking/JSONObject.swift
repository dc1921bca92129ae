import Larkspur
import Planning
import Terminal

/// One JSON object on one line, safe to show on a terminal. Its keys keep the order they are given
/// in.
struct JSONObject {
  enum Value: ExpressibleByStringLiteral {
    case null
    case int(Int)
    case real(Double)
    case text(String)
    case object(JSONObject)
    case list([JSONObject])
    /// Text that is already JSON.
    case json(String)

    init(stringLiteral value: String) { self = .text(value) }

    static func of(_ value: Int?) -> Value { value.map(Value.int) ?? .null }
    static func of(_ value: String?) -> Value { value.map(Value.text) ?? .null }

    init(_ cell: Cell) {
      switch cell {
      case .null: self = .null
      case .int(let number): self = .int(number)
      case .real(let number): self = .real(number)
      case .text(let text): self = .text(text)
      }
    }

    var text: String {
      switch self {
      case .null: "null"
      case .int(let number): String(number)
      case .real(let number): number.isFinite ? String(number) : "null"
      case .text(let text): JSONText.string(text)
      case .object(let object): object.text
      case .list(let objects): "[\(objects.map(\.text).joined(separator: ","))]"
      case .json(let json): json
      }
    }
  }

  private let members: [(String, Value)]

  init(_ members: [(String, Value)]) { self.members = members }

  var text: String {
    printableJSON(JSONText.object(members.map { ($0, $1.text) }))
  }
}
