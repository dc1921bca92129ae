/// Which part of a help goes into which section of its manual page.
struct ManualSections {
  var description: [HelpDocument.Block] = []
  var options: [HelpDocument.Block] = []
  var environment: [HelpDocument.Row] = []
  let defaults: DefaultPlaces

  init(_ help: HelpDocument) {
    defaults = DefaultPlaces(help.rows)
    // What follows a headed table belongs to it, up to the next heading.
    var isBelowHeading = false
    for block in help.blocks {
      let heading = block.heading.map { $0.hasSuffix(":") ? String($0.dropLast()) : $0 }
      if heading == "environment" {
        environment = block.rows
      } else if block.rows.contains(where: \.isOfCommandLine) || isBelowHeading {
        if let heading { isBelowHeading = !heading.contains("options") }
        let isPlain = heading == "options" && options.isEmpty
        options.append(HelpDocument.Block(heading: isPlain ? nil : heading, pieces: block.pieces))
      } else {
        description.append(HelpDocument.Block(heading: heading, pieces: block.pieces))
      }
    }
  }
}

extension HelpDocument.Row {
  /// An option or an operand.
  fileprivate var isOfCommandLine: Bool {
    term.hasPrefix("-") || MdocSyntax.isPlaceholder(term)
  }
}

/// The variables and files that stand in for options: `(or LARKSPUR_DB; default FILE, else FILE)`.
struct DefaultPlaces {
  var variables: [HelpDocument.Row] = []
  var files: [HelpDocument.Row] = []

  init(_ rows: [HelpDocument.Row]) {
    for row in rows {
      guard let begin = row.prose.firstRange(of: " (or LARKSPUR_"),
        let end = row.prose[begin.upperBound...].firstIndex(of: ")")
      else { continue }
      let what = row.prose[..<begin.lowerBound]
      let inside = "LARKSPUR_" + row.prose[begin.upperBound..<end]
      let parts = inside.split(separator: "; ", maxSplits: 1)
      let option = row.term.split(separator: " ").first ?? ""
      variables.append(
        HelpDocument.Row(
          term: String(parts[0]), text: [.prose("\(what), unless \(option) is given")]))
      guard parts.count == 2, parts[1].hasPrefix("default ") else { continue }
      let places = parts[1].dropFirst("default ".count).split(separator: ", else ").map(String.init)
      files += places.map { HelpDocument.Row(term: $0, text: []) }
      if !places.isEmpty { files[files.count - 1].text = [.prose(String(what))] }
    }
  }
}

extension HelpDocument {
  /// The words in capitals that its usage and its tables have for something.
  var placeholders: Set<String> {
    let places = usage + rows.map(\.term)
    let words = places.flatMap { $0.split { " []|=…,".contains($0) } }.map(String.init)
    return Set(words.filter { MdocSyntax.isPlaceholder($0) && $0 != "-" })
  }

  /// Whether its texts or examples have `larkspur list` or `larkspur help list`.
  func mentions(_ command: String) -> Bool {
    let texts = blocks.flatMap(\.pieces).flatMap(\.texts) + examples
    return ["larkspur \(command)", "larkspur help \(command)"].contains { words in
      texts.contains { text in
        text.ranges(of: words).contains { range in
          let next = text[range.upperBound...].first
          return next.map { !$0.isLetter && $0 != "-" } ?? true
        }
      }
    }
  }

  /// Its program reads its own options, not those of `larkspur`.
  var isOfOtherProgram: Bool {
    name.split(separator: " ").last.flatMap { CommandName(rawValue: String($0)) }?.program != nil
  }
}

extension HelpDocument.Piece {
  fileprivate var texts: [String] {
    switch self {
    case .prose(let text): [text]
    case .literal(let lines): lines
    case .table(let rows): rows.flatMap { [$0.term] + $0.text.flatMap(\.texts) }
    }
  }
}
