/// Writes a command line of a help text, with its brackets, as mdoc(7).
enum MdocSyntax {
  private enum Part {
    case word(String)
    case alternative
    indirect case optional([Part], isAttached: Bool)
  }

  /// `larkspur list [LANE] [--state STATE]`, one macro a line.
  static func synopsis(_ usage: String) -> [String] {
    let parts = parts(of: usage)
    guard case .word(let program)? = parts.first else { return [] }
    var lines = [".Nm \(program)"]
    var isAfterOption = false
    for part in parts.dropFirst() {
      // An option and its value stay on one line.
      if case .word(let word) = part, word == "…" || isAfterOption && !word.hasPrefix("-") {
        lines[lines.count - 1] += " \(macro(word, afterOption: isAfterOption))"
        isAfterOption = false
      } else {
        let line = macros([part])
        lines.append(".\(line)")
        isAfterOption = line.hasPrefix("Fl")
      }
    }
    return lines
  }

  /// `--state STATE`, `--wait [TIMEOUT]` or `LANE`, for a list of terms.
  static func term(_ term: String) -> String {
    let isSyntax = term.hasPrefix("-") || isPlaceholder(term)
    if !isSyntax { return MdocEscapes.argument(term) }
    return term.split(separator: ", ").map { macros(parts(of: String($0))) }
      .joined(separator: " , ")
  }

  private static func macros(_ parts: [Part]) -> String {
    var macros: [String] = []
    var follows = false
    for part in parts {
      switch part {
      case .alternative:
        macros.append("|")
        follows = false
      case .optional(let inner, let isAttached):
        let glue = isAttached ? "Ns " : ""
        macros.append("\(glue)\(parts.count == 1 ? "Op" : "Oo") \(self.macros(inner))")
        if parts.count > 1 { macros.append("Oc") }
      case .word(let word):
        macros.append(macro(word, afterOption: follows))
        follows = word.hasPrefix("--")
      }
    }
    return macros.joined(separator: " ")
  }

  private static func macro(_ word: String, afterOption: Bool) -> String {
    if word == "…" { return "..." }
    if word == "-" { return "Ar \\-" }
    if word.hasPrefix("--") { return "Fl \(MdocEscapes.argument(String(word.dropFirst())))" }
    if word.hasPrefix("=") { return "Li = Ns Ar \(word.dropFirst())" }
    let isMany = word.hasSuffix("…")
    let name = MdocEscapes.argument(isMany ? String(word.dropLast()) : word)
    let macro = afterOption || isPlaceholder(word) || word == "options" ? "Ar" : "Cm"
    return "\(macro) \(name)\(isMany ? " ..." : "")"
  }

  /// LANE, OPEN_ID, ID:SECRET and -.
  static func isPlaceholder(_ word: String) -> Bool {
    word == "-"
      || word.contains(where: \.isUppercase)
        && word.allSatisfy { $0.isUppercase || "_:…".contains($0) }
  }

  private static func parts(of text: String) -> [Part] {
    var characters = Array(text)[...]
    return parts(&characters)
  }

  private static func parts(_ rest: inout ArraySlice<Character>) -> [Part] {
    var parts: [Part] = []
    var word = ""
    func end() {
      if !word.isEmpty { parts.append(word == "|" ? .alternative : .word(word)) }
      word = ""
    }
    while let character = rest.popFirst() {
      switch character {
      case "[":
        let isAttached = !word.isEmpty
        end()
        parts.append(.optional(self.parts(&rest), isAttached: isAttached))
      case "]":
        end()
        return parts
      case " ": end()
      default: word.append(character)
      }
    }
    end()
    return parts
  }
}
