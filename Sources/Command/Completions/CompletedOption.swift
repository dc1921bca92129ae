import Terminal

/// An option as a completion script offers it.
struct CompletedOption: Equatable {
  let name: String
  let value: Option.Value
  /// What the help calls its value: FILE.
  let placeholder: String
  let purpose: String

  var completed: CompletedValue { CompletedValue(of: name, placeholder: placeholder) }

  /// Whether the word after it belongs to it.
  var takesWord: Bool { value == .one || value == .many }

  /// An option of a table, described by the first of these helps that does.
  init(_ option: Option, in helps: [HelpDocument]) {
    let rows = helps.flatMap(\.rows).flatMap(HelpedOption.all)
    let row = rows.first { $0.name == option.name && !$0.purpose.hasPrefix("see:") }
    name = option.name
    value = option.value
    placeholder = row?.placeholder ?? ""
    purpose = row?.purpose ?? ""
  }

  /// An option of a program whose table is not here.
  init(_ option: HelpedOption) {
    name = option.name
    value = option.value
    placeholder = option.placeholder
    purpose = option.purpose
  }
}

/// An option as a row of a help describes it: `--state STATE  only this state: new, delayed, …`.
struct HelpedOption: Equatable {
  let name: String
  let placeholder: String
  let value: Option.Value
  let purpose: String

  /// A row may be about several options: `--json, --quiet  see: larkspur help`.
  static func all(in row: HelpDocument.Row) -> [HelpedOption] {
    row.term.split(separator: ", ").compactMap { HelpedOption(String($0), row.prose) }
  }

  private init?(_ term: String, _ prose: String) {
    guard term.hasPrefix("--") else { return nil }
    let name = term.prefix { $0 != " " && $0 != "[" && $0 != "=" }
    let rest = term.dropFirst(name.count)
    self.name = String(name)
    placeholder = String(rest.filter { !" []=".contains($0) })
    value =
      if rest.isEmpty {
        .none
      } else if rest.hasPrefix("[=") {
        .attached
      } else if rest.hasPrefix(" [") {
        .optional
      } else {
        prose.contains("may be repeated") ? .many : .one
      }
    purpose = Self.beginning(of: prose)
  }

  /// The first clause; a list of completions has one line for each.
  private static func beginning(of prose: String) -> String {
    let ends = ["; ", ". ", ": ", " ("].compactMap { prose.firstRange(of: $0)?.lowerBound }
    let clause = prose[..<(ends.min() ?? prose.endIndex)]
    // `see: larkspur help` says it all.
    return clause == "see" ? prose : String(clause)
  }
}
