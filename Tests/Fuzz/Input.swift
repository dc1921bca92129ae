/// The bytes of one input, taken from the front.
struct Input {
  private var bytes: ArraySlice<UInt8>

  init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes)[...] }

  /// Whether anything is left.
  var isEmpty: Bool { bytes.isEmpty }

  /// The next byte; 0 at the end.
  mutating func byte() -> Int { Int(bytes.popFirst() ?? 0) }

  /// The bytes up to the next `end`, which is skipped.
  mutating func field(endingWith end: UInt8) -> [UInt8] {
    let field = bytes.prefix { $0 != end }
    bytes = bytes.dropFirst(field.count + 1)
    return Array(field)
  }

  /// All remaining bytes.
  mutating func rest() -> [UInt8] {
    defer { bytes = [] }
    return Array(bytes)
  }
}

/// Ends the run if a condition does not hold. libFuzzer then saves the input.
func expect(_ holds: Bool, _ otherwise: @autoclosure () -> String) {
  if !holds { fatalError(otherwise()) }
}

/// A message for people is one line, without control characters from outside.
func expectSentence(_ text: String) {
  expect(!text.isEmpty, "a refusal without a word")
  let isHarmless = text.unicodeScalars.allSatisfy {
    switch $0.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }
  expect(isHarmless, "a sentence with control characters: \(text.debugDescription)")
}
