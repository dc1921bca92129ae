/// The command line, parsed.
struct Arguments {
  /// Runs one seed and prints every step.
  var seed: UInt64?
  /// The number of seeds, counted from `first`.
  var count: UInt64 = 300
  var first: UInt64 = 1
  /// The number of fresh seeds besides: seeds that have not been tried before.
  var fresh: UInt64 = 100
  /// Runs fresh seeds for this long, instead of a fixed number.
  var minutes: Double?
  /// Stops at the first broken promise.
  var isUntilBroken = false
  var jobs: UInt64?
  /// Gives every history this theme, whatever its seed says.
  var theme: Theme?
  /// This process runs one seed in `of` and leaves the report to the process that started it.
  var share: (number: UInt64, of: UInt64)?
  /// Where the process that reports expects the files.
  var folder: String?
  /// The first fresh seed; random if not given.
  var freshSeed: UInt64?

  struct Wrong: Error { let what: String }

  init(_ words: [String]) throws(Wrong) {
    var words = words[...]
    while let word = words.popFirst() {
      switch word {
      case "--seed": seed = try Self.number(word, &words)
      case "--seeds":
        count = try Self.number(word, &words)
        fresh = 0
      case "--first": first = try Self.number(word, &words)
      case "--minutes":
        let value = words.popFirst() ?? ""
        guard let number = Double(value), number > 0 else { throw Wrong(what: "\(word) \(value)") }
        minutes = number
      case "--jobs": jobs = max(1, try Self.number(word, &words))
      case "--until-broken": isUntilBroken = true
      case "--theme":
        let name = words.popFirst() ?? ""
        guard let known = Theme(rawValue: name) else { throw Wrong(what: "\(word) \(name)") }
        theme = known
      case "--folder": folder = words.popFirst()
      case "--fresh": freshSeed = try Self.number(word, &words)
      case "--share":
        share = (try Self.number(word, &words), max(1, try Self.number(word, &words)))
      default: throw Wrong(what: word)
      }
    }
  }

  private static func number(
    _ word: String, _ words: inout ArraySlice<String>
  ) throws(Wrong) -> UInt64 {
    let value = words.popFirst() ?? ""
    guard let number = UInt64(value) else { throw Wrong(what: "\(word) \(value)") }
    return number
  }
}
