/// Writes prose of a help text as mdoc(7): options, variables, placeholders and quoted commands
/// become macros.
struct MdocProse {
  /// The words in capitals that stand for something: LANE, FILE.
  let placeholders: Set<String>

  /// Lines of at most 80 bytes where the text allows it. Each sentence begins a line, so that the
  /// formatter can space it.
  func lines(_ prose: String) -> [String] {
    var lines: [String] = []
    var line: [String] = []
    func end() {
      if !line.isEmpty { lines.append(MdocEscapes.textLine(line.joined(separator: " "))) }
      line = []
    }
    for atom in Self.atoms(of: prose) {
      if let macro = macro(for: atom) {
        end()
        lines.append(macro)
        continue
      }
      let width = line.reduce(0) { $0 + $1.utf8.count + 1 }
      if width + atom.text.utf8.count > 78 { end() }
      line.append(atom.text)
      if atom.endsSentence { end() }
    }
    end()
    return lines.map(Self.withTypedHyphens)
  }

  /// Macro lines have escaped their own hyphens already.
  private static func withTypedHyphens(_ line: String) -> String {
    if line.hasPrefix(".") { return line }
    return line.split(separator: " ").map { MdocEscapes.word(String($0)) }.joined(separator: " ")
  }

  private func macro(for atom: Atom) -> String? {
    guard let (name, argument) = meaning(of: atom.core) else { return nil }
    let parts = atom.opening + [argument] + atom.closing
    return ".\(name) \(parts.joined(separator: " "))"
  }

  private func meaning(of core: String) -> (macro: String, argument: String)? {
    if core.count > 2, let quote = core.first, quote == core.last, "'`".contains(quote) {
      return ("Ql", MdocEscapes.argument(String(core.dropFirst().dropLast())))
    }
    if core.hasPrefix("--"),
      core.dropFirst(2).allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" })
    {
      return core.count > 2 ? ("Fl", MdocEscapes.argument(String(core.dropFirst()))) : nil
    }
    if Self.isVariable(core) { return ("Ev", core) }
    return placeholders.contains(core) ? ("Ar", core) : nil
  }

  static func isVariable(_ word: String) -> Bool {
    let prefixes = ["LARKSPUR_", "XDG_"]
    return word == "NO_COLOR" || word == "SSL_CERT_FILE"
      || prefixes.contains { word.hasPrefix($0) && word.allSatisfy { $0.isUppercase || $0 == "_" } }
  }
}

extension MdocProse {
  /// A word, or words in quotes, with the punctuation around it.
  struct Atom {
    var opening: [String] = []
    var core: String
    var closing: [String] = []
    var text: String { opening.joined() + core + closing.joined() }

    var endsSentence: Bool {
      let end = closing.first { $0 != ")" }
      return core.count > 1 && (end == "." || end == "!" || end == "?")
    }

    init(_ word: String) {
      var core = word[...]
      while let first = core.first, "([".contains(first), core.count > 1 {
        opening.append(String(core.removeFirst()))
      }
      while let last = core.last, ".,;:)]".contains(last), core.count > 1 {
        // A bracket that the word opens itself.
        if last == ")" && core.contains("(") || last == "]" && core.contains("[") { break }
        closing.insert(String(core.removeLast()), at: 0)
      }
      self.core = String(core)
    }
  }

  static func atoms(of prose: String) -> [Atom] {
    var atoms: [Atom] = []
    var words = prose.split(separator: " ").map(String.init)[...]
    while let word = words.popFirst() {
      atoms.append(Atom(word))
      guard let quote = Atom(word).core.first, "'`".contains(quote) else { continue }
      // The quote may end in a later word.
      var quoted = word
      var rest = words
      while Atom(quoted).core.last != quote || Atom(quoted).core.count == 1 {
        guard let next = rest.popFirst() else { break }
        quoted += " \(next)"
      }
      if Atom(quoted).core.last == quote && Atom(quoted).core.count > 1 {
        atoms[atoms.count - 1] = Atom(quoted)
        words = rest
      }
    }
    return atoms
  }
}
