/// What the command line asks for.
struct Arguments {
  /// One seed, told step by step.
  var seed: UInt64?
  /// So many seeds from `first` on.
  var count: UInt64 = 300
  var first: UInt64 = 1
  /// And so many that nobody has tried.
  var fresh: UInt64 = 100
  /// Fresh seeds for so long, instead of a number of them.
  var minutes: Double?
  /// Stops at the first broken promise.
  var isUntilBroken = false
  var jobs: UInt64?
  /// All histories have this one, whatever their seed says.
  var theme: Theme?
  /// This process lives one seed in so many, for another that reports.
  var share: (number: UInt64, of: UInt64)?
  /// Where that other one wants its files.
  var folder: String?
  /// Where the seeds that nobody has tried begin; by chance without it.
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
