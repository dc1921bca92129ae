import CLinux

/// The command line, read strictly. Swift's `CommandLine.arguments` replaces bytes that are not
/// UTF-8, and that would turn a token into a different one.
package enum ProcessArguments {
  /// The words after the program's name.
  package static func words() throws(Failure) -> [String] {
    var words: [String] = []
    for index in 1..<max(1, larkspur_argument_count()) {
      guard let bytes = larkspur_argument(index) else { break }
      guard let word = String(validatingCString: bytes) else {
        throw Failure(
          .usage, "argument \(index) is not UTF-8: '\(printable(String(cString: bytes)))'")
      }
      words.append(word)
    }
    return words
  }

  /// Whether these words stand on the command line, one after the other, before a `--`. This is for
  /// errors of a command line that cannot be parsed, or is not even UTF-8.
  package static func contain(_ wanted: String...) -> Bool {
    var words: [String] = []
    for index in 1..<max(1, larkspur_argument_count()) {
      guard let bytes = larkspur_argument(index) else { break }
      words.append(String(cString: bytes))
    }
    return contain(wanted, in: words)
  }

  static func contain(_ wanted: [String], in words: [String]) -> Bool {
    let words = words.prefix { $0 != "--" }
    return words.indices.contains { words[$0...].starts(with: wanted) }
  }
}
