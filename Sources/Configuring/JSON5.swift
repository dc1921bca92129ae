import Delivery

/// The configuration is JSON5, which Foundation reads.
extension JSON: Decodable {
  package init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    // No value has two of these types, so the order does not change the result.
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
}
