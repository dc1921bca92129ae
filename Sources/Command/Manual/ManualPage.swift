import Basics

/// The manual page of a command in mdoc(7), made of its help.
struct ManualPage {
  let help: HelpDocument
  /// `larkspur-list`.
  let name: String
  private let prose: MdocProse
  private let related: [String]

  /// Pages are named after these commands.
  init(_ help: HelpDocument, among commands: [String]) {
    self.help = help
    name = Self.name(of: help.name)
    prose = MdocProse(placeholders: help.placeholders)
    let own = name
    let all = commands.map { (page: "larkspur-\($0)", command: $0) }
    let isOverview = help.name == Self.program
    let others = all.filter { $0.page != own && (isOverview || help.mentions($0.command)) }
    related = (isOverview ? [] : [Self.program]) + others.map(\.page).sorted()
  }

  private static let program = "larkspur"
  private var isOverview: Bool { help.name == Self.program }

  static func name(of command: String) -> String { command.replacing(" ", with: "-") }

  var text: String {
    let sections = ManualSections(help)
    let variables = sections.environment + sections.defaults.variables
    var lines = header
    lines += section("SYNOPSIS", help.usage.flatMap(MdocSyntax.synopsis))
    lines += section("DESCRIPTION", body(of: sections.description))
    lines += section("OPTIONS", body(of: sections.options) + pointer)
    lines += section("ENVIRONMENT", list(variables))
    lines += section("FILES", list(sections.defaults.files))
    lines += section("EXIT STATUS", help.exits.flatMap(exits) + otherExits)
    lines += section("EXAMPLES", display(help.examples))
    lines += section("SEE ALSO", references)
    return lines.joined(separator: "\n") + "\n"
  }

  private var header: [String] {
    [
      ".\\\" Made by 'larkspur man' from the help of \(help.name).",
      ".Dd \(larkspurDate)",
      ".Dt \(name.uppercased()) 1",
      ".Os \"Larkspur \(larkspurVersion)\"",
      ".Sh NAME",
      ".Nm \(name)",
      ".Nd \(MdocEscapes.textLine(help.purpose))",
    ]
  }

  private var pointer: [String] {
    if isOverview || help.isOfOtherProgram { return [] }
    return [".Pp", "The options that all commands take are in", ".Xr larkspur 1 ."]
  }

  private var otherExits: [String] {
    if isOverview || help.exits.isEmpty { return [] }
    return [
      ".Pp", "The codes that all commands share, such as 64 for wrong usage, are in",
      ".Xr larkspur 1 .",
    ]
  }

  private var references: [String] {
    related.enumerated().map { ".Xr \($1) 1\($0 < related.count - 1 ? " ," : "")" }
  }

  private func section(_ title: String, _ lines: [String]) -> [String] {
    // A paragraph break right after a heading has no effect.
    let lines = Array(lines.drop { $0 == ".Pp" })
    return lines.isEmpty ? [] : [".Sh \(title)"] + lines
  }
}

extension ManualPage {
  private func body(of blocks: [HelpDocument.Block]) -> [String] {
    blocks.flatMap { block in
      let lines = block.pieces.flatMap(piece)
      if let heading = block.heading {
        return [".Ss \(MdocEscapes.textLine(heading.prefix(1).uppercased() + heading.dropFirst()))"]
          + lines
      }
      // A list or a display has an empty line above it anyway.
      return lines.first?.hasPrefix(".B") == true ? lines : [".Pp"] + lines
    }
  }

  private func piece(_ piece: HelpDocument.Piece) -> [String] {
    switch piece {
    case .prose(let text): prose.lines(text)
    case .literal(let lines): display(lines)
    case .table(let rows): list(rows)
    }
  }

  private func list(_ rows: [HelpDocument.Row]) -> [String] {
    if rows.isEmpty { return [] }
    let items = rows.flatMap { row in
      [".It \(term(row.term))"] + row.text.flatMap(piece)
    }
    return [".Bl -tag -width Ds"] + items + [".El"]
  }

  private func term(_ term: String) -> String {
    if related.contains("larkspur-\(term)"), isOverview { return "Xr larkspur-\(term) 1" }
    if MdocProse.isVariable(term) { return "Ev \(term)" }
    if let first = term.first, "$~/".contains(first) { return "Pa \(MdocEscapes.argument(term))" }
    return MdocSyntax.term(term)
  }

  private func exits(_ list: HelpDocument.ExitList) -> [String] {
    let rows = list.codes.map { code in
      HelpDocument.Row(
        term: code.numbers, text: [.prose(code.meaning.isEmpty ? "done" : code.meaning)])
    }
    let heading = list.heading.map { [".Pp"] + prose.lines("\($0):") } ?? []
    return heading + self.list(rows)
  }

  private func display(_ lines: [String]) -> [String] {
    if lines.isEmpty { return [] }
    return [".Bd -literal -offset indent"] + lines.map(MdocEscapes.literalLine) + [".Ed"]
  }
}
