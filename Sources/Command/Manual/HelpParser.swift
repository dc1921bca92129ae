extension HelpDocument {
  /// Reads a help text: a title, the usage, paragraphs and tables, examples and exit codes, with an
  /// empty line between any two.
  init(_ help: String) {
    let lines = help.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let paragraphs = lines.split(separator: "").map(Array.init)
    for (index, paragraph) in paragraphs.enumerated() {
      if index == 0 { readTitle(paragraph) } else { read(paragraph) }
    }
  }

  private mutating func readTitle(_ lines: [String]) {
    let title = lines.joined(separator: " ")
    let parts = title.split(separator: ": ", maxSplits: 1)
    name = parts.first.map(String.init) ?? ""
    purpose = parts.count == 2 ? String(parts[1]) : ""
  }

  private mutating func read(_ lines: [String]) {
    let first = lines.first ?? ""
    if first.hasPrefix(Self.usageLabel) {
      readUsage(lines)
    } else if first == "examples:" || first == "example:" {
      examples = lines.dropFirst().map { $0.without(indent: 2) }
    } else if let exit = lines.firstIndex(where: { $0.hasPrefix(Self.exitLabel) }) {
      if exit > 0 { blocks.append(HelpBlockParser.block(Array(lines[..<exit]))) }
      exits = HelpExitParser.lists(lines[exit...])
    } else {
      blocks.append(HelpBlockParser.block(lines))
    }
  }

  private static let usageLabel = "usage: "
  static let exitLabel = "exit: "

  /// A line that is indented further than the first goes on with the one before.
  private mutating func readUsage(_ lines: [String]) {
    for line in lines {
      let rest = String(line.dropFirst(Self.usageLabel.count))
      if rest.hasPrefix(" "), let last = usage.popLast() {
        usage.append("\(last) \(rest.withoutIndent)")
      } else {
        usage.append(rest)
      }
    }
  }
}

extension String {
  var indent: Int { prefix { $0 == " " }.count }
  var withoutIndent: String { String(drop { $0 == " " }) }

  func without(indent: Int) -> String { String(dropFirst(min(indent, self.indent))) }
}
