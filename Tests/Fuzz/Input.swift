/// The bytes of one input, taken from the front.
struct Input {
  private var bytes: ArraySlice<UInt8>

  init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes)[...] }

  /// Whether anything is left.
  var isEmpty: Bool { bytes.isEmpty }

  /// The next byte; 0 at the end.
  mutating func byte() -> Int { Int(bytes.popFirst() ?? 0) }

  /// Up to the next of these bytes, which is passed over.
  mutating func field(endingWith end: UInt8) -> [UInt8] {
    let field = bytes.prefix { $0 != end }
    bytes = bytes.dropFirst(field.count + 1)
    return Array(field)
  }

  /// All that is left.
  mutating func rest() -> [UInt8] {
    defer { bytes = [] }
    return Array(bytes)
  }
}

/// Ends the run when something does not hold: libFuzzer then writes down the input.
func expect(_ holds: Bool, _ otherwise: @autoclosure () -> String) {
  if !holds { fatalError(otherwise()) }
}

/// A sentence for people is one line, which obeys no control character from outside.
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
