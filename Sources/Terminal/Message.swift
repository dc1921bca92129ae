/// A message of the form `what failed: why; what to do`, as the programs print it.
package struct Message {
  package let summary: String
  package let fix: String?

  package init(_ sentence: String) {
    let ends = sentence.ranges(of: "; ")
    // Quoted text, such as a name or SQL, may have semicolons of its own.
    guard let end = ends.last(where: { !Self.isInsideQuotes(before: sentence[$0.upperBound...]) })
    else {
      summary = sentence
      fix = nil
      return
    }
    summary = String(sentence[..<end.lowerBound])
    fix = String(sentence[end.upperBound...])
  }

  /// Whether a quote that was opened before this text ends in it.
  private static func isInsideQuotes(before text: Substring) -> Bool {
    let characters = Array(text)
    let quotes = characters.indices.filter { index in
      if characters[index] != "'" { return false }
      let isApostrophe =
        index > 0 && index + 1 < characters.count && characters[index - 1].isLetter
        && characters[index + 1].isLetter
      return !isApostrophe
    }
    return !quotes.count.isMultiple(of: 2)
  }
}
