/// Text for a terminal, in a few styles.
package struct ScreenSpan: Equatable, Sendable {
  package enum Style: Sendable { case plain, strong, faint, good, bad }

  package let text: String
  package let style: Style

  package init(_ text: String, _ style: Style = .plain) {
    self.text = text
    self.style = style
  }

  fileprivate var coloured: String {
    let code =
      switch style {
      case .plain: ""
      case .strong: "1"
      case .faint: "2"
      case .good: "32"
      case .bad: "31"
      }
    return code.isEmpty ? text : "\u{1b}[\(code)m\(text)\u{1b}[0m"
  }
}

package typealias ScreenLine = [ScreenSpan]

/// Lines of a given width.
package enum ScreenText {
  private static let labelWidth = 9

  /// A name with the space behind it that puts what follows in one column.
  package static func label(_ name: String) -> String {
    name + String(repeating: " ", count: max(1, labelWidth - name.count))
  }

  package static func cut(_ line: ScreenLine, to columns: Int) -> ScreenLine {
    var room = max(0, columns)
    return line.compactMap { span in
      let text = String(span.text.prefix(room))
      room -= text.count
      return text.isEmpty ? nil : ScreenSpan(text, span.style)
    }
  }

  /// The parts behind a label, separated by commas, on as many lines as they need.
  package static func flow(
    _ name: String, _ parts: [ScreenSpan], _ columns: Int
  ) -> [ScreenLine] {
    var lines: [ScreenLine] = [[ScreenSpan(label(name))]]
    var used = labelWidth
    for (index, part) in parts.enumerated() {
      let isFirst = lines[lines.count - 1].count == 1
      let comma = index + 1 < parts.count ? "," : ""
      let needed = part.text.count + comma.count + (isFirst ? 0 : 1)
      if !isFirst && used + needed > columns {
        lines.append([ScreenSpan(label(""))])
        used = labelWidth
      } else if !isFirst {
        lines[lines.count - 1].append(ScreenSpan(" "))
      }
      lines[lines.count - 1] += [part, ScreenSpan(comma)]
      used += needed
    }
    return lines
  }

  /// A sentence on as many lines as it needs.
  package static func wrapped(
    _ text: String, _ style: ScreenSpan.Style, _ columns: Int
  ) -> [ScreenLine] {
    var lines = [""]
    for word in text.split(separator: " ") {
      let last = lines[lines.count - 1]
      if last.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if last.count + 1 + word.count <= columns {
        lines[lines.count - 1] += " \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines.map { [ScreenSpan($0, style)] }
  }

  /// `[####......]`, or nothing where it does not fit.
  package static func bar(_ part: Int, of whole: Int, width: Int) -> ScreenLine {
    if width < 4 { return [] }
    let filled = whole > 0 ? min(width, width * part / whole) : 0
    return [
      ScreenSpan("["),
      ScreenSpan(String(repeating: "#", count: filled), part > whole ? .bad : .good),
      ScreenSpan(String(repeating: ".", count: width - filled), .faint), ScreenSpan("]"),
    ]
  }

  /// Each line, with what erases the rest of its row behind it. The cursor then is below them.
  package static func rows(_ lines: [ScreenLine], inColour: Bool) -> String {
    lines.map { line in
      line.map { inColour ? $0.coloured : $0.text }.joined() + "\u{1b}[K\n"
    }.joined()
  }
}
