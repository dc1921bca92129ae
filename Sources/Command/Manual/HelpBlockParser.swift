/// Reads a paragraph of a help text: prose, tables, or lines that are kept as they are.
enum HelpBlockParser {
  static func block(_ lines: [String]) -> HelpDocument.Block {
    var pieces: [HelpDocument.Piece] = []
    for run in runs(of: lines) {
      if run[0].indent == 0 {
        pieces.append(.prose(run.joined(separator: " ")))
      } else if isTable(run) {
        pieces.append(.table(rows(run)))
      } else {
        let indent = run.map(\.indent).min() ?? 0
        pieces.append(.literal(run.map { $0.without(indent: indent) }))
      }
    }
    // One line above a table is its heading.
    if pieces.count > 1, case .prose(let heading) = pieces[0], case .table = pieces[1],
      lines[1].indent > 0
    {
      return HelpDocument.Block(heading: heading, pieces: Array(pieces.dropFirst()))
    }
    return HelpDocument.Block(pieces: pieces)
  }

  /// Lines with and without an indent, in turn.
  private static func runs(of lines: [String]) -> [[String]] {
    var runs: [[String]] = []
    for line in lines {
      if let last = runs.last, (last[0].indent == 0) == (line.indent == 0) {
        runs[runs.count - 1].append(line)
      } else {
        runs.append([line])
      }
    }
    return runs
  }

  private static func isTable(_ lines: [String]) -> Bool {
    let indent = lines.map(\.indent).min() ?? 0
    return lines.contains { $0.indent == indent && gap(in: $0) != nil }
  }

  /// Where the text begins that two spaces or more separate from its term.
  private static func gap(in line: String) -> (term: String, column: Int)? {
    let indent = line.indent
    let rest = Array(line.dropFirst(indent))
    guard
      let end = rest.indices.first(where: {
        rest[$0] == " " && $0 + 1 < rest.count && rest[$0 + 1] == " "
      })
    else { return nil }
    let text = rest[end...].prefix { $0 == " " }.count
    return (String(rest[..<end]), indent + end + text)
  }

  private static func rows(_ lines: [String]) -> [HelpDocument.Row] {
    let indent = lines.map(\.indent).min() ?? 0
    var rows: [HelpDocument.Row] = []
    var column = Int.max
    for line in lines {
      if line.indent == indent {
        let gap = gap(in: line)
        column = gap?.column ?? Int.max
        rows.append(HelpDocument.Row(term: gap?.term ?? line.withoutIndent, text: []))
        if let gap { rows[rows.count - 1].add(prose: String(line.dropFirst(gap.column))) }
      } else {
        // A term that is as long as the table is wide has its text on the next line.
        if column == Int.max { column = line.indent }
        if line.indent == column {
          rows[rows.count - 1].add(prose: line.withoutIndent)
        } else {
          rows[rows.count - 1].add(literal: line.without(indent: column))
        }
      }
    }
    return rows
  }
}

extension HelpDocument.Row {
  fileprivate mutating func add(prose line: String) {
    if case .prose(let before)? = text.last {
      text[text.count - 1] = .prose("\(before) \(line)")
    } else {
      text.append(.prose(line))
    }
  }

  fileprivate mutating func add(literal line: String) {
    if case .literal(let before)? = text.last {
      text[text.count - 1] = .literal(before + [line])
    } else {
      text.append(.literal([line]))
    }
  }
}
