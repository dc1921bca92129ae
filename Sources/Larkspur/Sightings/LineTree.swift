/// The JSON on a line.
indirect enum LineTree: Equatable {
  case string(String)
  /// As it is written.
  case integer(String)
  case null
  /// A number with a fraction, or a truth value.
  case other
  case list([LineTree])
  /// A name may occur twice.
  case object([(name: String, value: LineTree)])

  /// The first member of this name.
  subscript(name: String) -> LineTree? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// Text, or a whole number as text.
  var text: String? {
    switch self {
    case .string(let text), .integer(let text): text
    case .null, .other, .list, .object: nil
    }
  }

  static func == (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.string(let left), .string(let right)): left == right
    case (.integer(let left), .integer(let right)): left == right
    case (.null, .null), (.other, .other): true
    case (.list(let left), .list(let right)): left == right
    case (.object(let left), .object(let right)):
      left.elementsEqual(right) { $0.name == $1.name && $0.value == $1.value }
    default: false
    }
  }
}

extension Connection {
  /// Reads any JSON. Nil if it is none.
  borrowing func tree(_ line: String) throws(StoreError) -> LineTree? {
    let isValid = try first("select json_valid(?)", .text(line)) {
      (row) throws(StoreError) in row.bool(0)
    }
    guard isValid == true else { return nil }
    var nodes: [Int: [Node]] = [:]
    try each("select parent, id, key, type, atom from json_tree(?) order by id", .text(line)) {
      (row) throws(StoreError) in
      nodes[row.optionalInt(0) ?? -1, default: []].append(
        Node(
          id: row.int(1), name: row.text(2), type: row.text(3), atom: row.optionalText(4)))
    }
    return nodes[-1]?.first.map { Self.tree($0, nodes) }
  }

  private struct Node {
    let id: Int
    let name: String
    let type: String
    let atom: String?
  }

  private static func tree(_ node: Node, _ nodes: [Int: [Node]]) -> LineTree {
    let children = nodes[node.id] ?? []
    return switch node.type {
    case "object": .object(children.map { ($0.name, tree($0, nodes)) })
    case "array": .list(children.map { tree($0, nodes) })
    case "text": .string(node.atom ?? "")
    case "integer": .integer(node.atom ?? "")
    case "null": .null
    default: .other
    }
  }
}
