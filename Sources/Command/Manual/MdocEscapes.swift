/// Makes text safe for mdoc(7): nothing in it is a macro, an escape or a delimiter.
enum MdocEscapes {
  /// A line of text. A dot or a quote at its beginning would make it a macro.
  static func textLine(_ line: String) -> String {
    let escaped = text(line)
    return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&\(escaped)" : escaped
  }

  /// A line of an example, with the characters that a shell needs. Otherwise a typesetter prints
  /// curly quotes and hyphens.
  static func literalLine(_ line: String) -> String {
    let escaped = line.map { literals[$0] ?? text(String($0)) }.joined()
    return escaped.hasPrefix(".") ? "\\&\(escaped)" : escaped
  }

  /// A single argument of a macro.
  static func argument(_ word: String) -> String {
    let escaped = text(word).replacing("-", with: "\\-").replacing("\"", with: "\\(dq")
    return escaped.contains(" ") || escaped.isEmpty ? "\"\(escaped)\"" : escaped
  }

  /// Keeps the formatter from breaking a line at a hyphen of --db, Ctrl-C or a path.
  static func word(_ word: String) -> String {
    word.hasPrefix("-") || word.contains { $0 == "/" || $0.isUppercase }
      ? word.replacing("-", with: "\\-") : word
  }

  private static let literals: [Character: String] = [
    "-": "\\-", "'": "\\(aq", "`": "\\(ga", "~": "\\(ti", "^": "\\(ha", "\\": "\\e",
  ]

  /// Backslashes, and characters that are not ASCII. A hyphen that is escaped already stays so.
  private static func text(_ text: String) -> String {
    text.replacing("\\", with: "\\e").unicodeScalars.map { scalar in
      if scalar == "…" { return "..." }
      if scalar.isASCII { return String(scalar) }
      let digits = String(scalar.value, radix: 16, uppercase: true)
      return "\\[u\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
    }.joined()
  }
}
