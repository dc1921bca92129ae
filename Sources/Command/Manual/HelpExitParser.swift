/// Reads the exit codes of a help text: `exit: 0 done · 73/74 the queue cannot be created/used`.
enum HelpExitParser {
  /// A line without an indent begins a list.
  static func lists(_ lines: ArraySlice<String>) -> [HelpDocument.ExitList] {
    var texts: [String] = []
    for line in lines {
      if line.indent > 0, let last = texts.popLast() {
        texts.append("\(last) \(line.withoutIndent)")
      } else {
        texts.append(line)
      }
    }
    return texts.map(list)
  }

  private static func list(_ text: String) -> HelpDocument.ExitList {
    let parts = text.split(separator: ": ", maxSplits: 1)
    let label = parts.first.map(String.init) ?? ""
    let codes = parts.count == 2 ? String(parts[1]).split(separator: " · ").map(code) : []
    return HelpDocument.ExitList(heading: label == "exit" ? nil : label, codes: codes)
  }

  /// `0`, `0 done`, `0, also if it exists` and `129, 130 a closed terminal, Ctrl-C`.
  private static func code(_ item: Substring) -> HelpDocument.ExitList.Code {
    let words = item.split(separator: " ")
    let numbers = words.prefix { word in
      word.contains(where: \.isNumber) && word.allSatisfy { $0.isNumber || $0 == "/" || $0 == "," }
    }
    let list = numbers.joined(separator: " ")
    return HelpDocument.ExitList.Code(
      numbers: list.hasSuffix(",") ? String(list.dropLast()) : list,
      meaning: words.dropFirst(numbers.count).joined(separator: " "))
  }
}
