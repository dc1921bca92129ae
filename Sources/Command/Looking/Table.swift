import Larkspur
import Terminal

/// Rows under a header, each column as wide as its widest value.
struct Table {
  private var lines: [[String]]

  /// Leaves out each column that has its `usual` value on every line.
  init(_ rows: Rows, leavingOut usual: [String: String] = [:]) {
    let texts = rows.rows.map { $0.map(\.text) }
    let kept = rows.columns.indices.filter { column in
      guard let value = usual[rows.columns[column]] else { return true }
      return texts.contains { $0[column] != value }
    }
    let header = kept.map { rows.columns[$0].uppercased().replacing("_", with: " ") }
    lines = [header] + texts.map { row in kept.map { printable(row[$0]) } }
  }

  /// Lines without a header.
  init(_ lines: [[String]]) { self.lines = lines }

  var text: String {
    let columns = lines.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      lines.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return lines.map { line in
      var text = ""
      for (word, width) in zip(line, widths) {
        text += word + String(repeating: " ", count: width - word.count + 2)
      }
      while text.last == " " { text.removeLast() }
      return text
    }.joined(separator: "\n")
  }
}

extension Cell {
  var text: String {
    switch self {
    case .null: ""
    case .int(let number): String(number)
    case .real(let number): String(number)
    case .text(let text): text
    }
  }
}
