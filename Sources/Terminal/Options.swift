/// An option of a program, and whether it takes a value.
package struct Option: Sendable {
  package enum Value: Sendable {
    case none, one, many
    /// An optional duration.
    case optional
    /// An optional value, written after an equals sign.
    case attached
  }

  package let name: String
  package let value: Value

  package init(_ name: String, _ value: Value = .none) {
    self.name = name
    self.value = value
  }
}

/// The words of a command line, sorted into options and operands. Parsing touches no file or
/// socket; the caller decides what the words mean.
package struct Options: Equatable, Sendable {
  package private(set) var operands: [String] = []
  private var values: [String: [String]] = [:]

  /// Reads `--name value`, `--name=value` and `--name`. Everything after `--` is an operand, and so
  /// is a lone `-` (standard input).
  package init(_ words: [String], knowing options: [Option]) throws(Failure) {
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        operands += rest
        return
      }
      guard word.hasPrefix("-"), word != "-" else {
        operands.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = Self.longName(String(parts[0]))
      guard let option = options.first(where: { $0.name == name }) else {
        throw Self.unknown(String(parts[0]), among: options)
      }
      let attached = parts.count == 2 ? String(parts[1]) : nil
      try take(option, attached: attached, from: &rest)
    }
  }

  package func has(_ name: String) -> Bool { values[name] != nil }
  package func one(_ name: String) -> String? { values[name]?.last }
  package func many(_ name: String) -> [String] { values[name] ?? [] }

  private mutating func take(
    _ option: Option, attached: String?, from rest: inout ArraySlice<String>
  ) throws(Failure) {
    if values[option.name] != nil && option.value != .many && option.value != .none {
      throw Failure(.usage, "\(option.name) may be given only once")
    }
    switch option.value {
    case .none:
      if let attached {
        throw Failure(
          .usage, "\(option.name) takes no value, but was given '\(printable(attached))'")
      }
      values[option.name] = []
    case .one, .many:
      // In `--open-id --everyone` the value was forgotten. No value begins with dashes.
      let isForgotten = attached == nil && rest.first?.hasPrefix("--") != false
      guard !isForgotten, let value = attached ?? rest.popFirst() else {
        throw Failure(.usage, "\(option.name) needs a value")
      }
      values[option.name, default: []].append(value)
    case .attached: values[option.name] = attached.map { [$0] } ?? []
    case .optional:
      // `--wait 10s` and `--wait` both read naturally: the next word is the value when it looks
      // like a duration, and an operand or an option otherwise.
      var value = attached
      if value == nil, let next = rest.first {
        if !next.isEmpty && next.allSatisfy({ $0.isASCII && $0.isNumber }) {
          throw Failure(
            .usage,
            "'\(option.name) \(next)' has no unit; write \(option.name) \(next)s, or, if \(next) "
              + "is an operand, put it before \(option.name)")
        }
        if (try? parseDuration(next)) != nil { value = rest.popFirst() }
      }
      values[option.name] = value.map { [$0] } ?? []
    }
  }

  private static func longName(_ word: String) -> String {
    word == "-h" ? "--help" : word
  }

  private static func unknown(_ word: String, among options: [Option]) -> Failure {
    let near = nearest(to: word, among: options.map(\.name))
    let hint = near.map { "did you mean \($0)?" } ?? "see --help"
    return Failure(.usage, "unknown option \(printable(word)); \(hint)")
  }
}
