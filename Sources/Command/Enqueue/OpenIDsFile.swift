import Terminal

/// People from a file: one open_id a line.
enum OpenIDsFile {
  /// What one ask can carry; the schema refuses more, but only after it has been read.
  private static let bytesMax = 4_000_000

  static func read(_ path: String) throws(Failure) -> [String] {
    let input = try InputFile(path)
    var reader = LineReader { bytes throws(Failure) in try input.readOn(into: bytes) }
    var people: [String] = []
    while let line = try reader.next() {
      if let problem = line.problem {
        throw Failure(.badInput, "\(input.name), line \(line.number): \(problem).")
      }
      people.append(trimmed(line.text))
      if reader.bytesRead > bytesMax {
        throw Failure(
          .badInput,
          "\(input.name) holds more than the \(bytesMax) bytes one ask can carry; split it over "
            + "several asks.")
      }
    }
    if people.isEmpty {
      throw Failure(
        .badInput,
        "\(input.name) names nobody. Put one open_id on each line, or say --everyone for the whole "
          + "chat.")
    }
    return people
  }

  /// Blanks around an open_id are of no account. Those inside would glue two people together, so they
  /// stay, and are refused.
  private static func trimmed(_ text: String) -> String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    let start = text.drop(while: isBlank)
    return String(start.reversed().drop(while: isBlank).reversed())
  }
}
