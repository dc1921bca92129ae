import Terminal

/// The users of an audience from a file, one open_id per line.
enum OpenIDsFile {
  /// The most one ask can carry. The schema refuses more too, but only after all of it has been
  /// read.
  private static let bytesMax = 4_000_000

  static func read(_ path: String) throws(Failure) -> [String] {
    let input = try InputFile(path)
    var reader = LineReader { bytes throws(Failure) in try input.readOn(into: bytes) }
    var people: [String] = []
    while let line = try reader.next() {
      if let problem = line.problem {
        throw Failure(.badInput, "\(input.name), line \(line.number): \(problem)")
      }
      people.append(trimmed(line.text))
      if reader.bytesRead > bytesMax {
        throw Failure(
          .badInput,
          "\(input.name) is larger than the \(grouped(bytesMax)) bytes one ask can carry; split it "
            + "over several asks")
      }
    }
    if people.isEmpty {
      throw Failure(
        .badInput,
        "no open_ids in \(input.name); put one on each line, or use --everyone for the whole chat")
    }
    return people
  }

  /// Removes blanks around an open_id. Blanks inside it stay, and it is refused for them: removing
  /// them would join two open_ids into one.
  private static func trimmed(_ text: String) -> String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    let start = text.drop(while: isBlank)
    return String(start.reversed().drop(while: isBlank).reversed())
  }
}
