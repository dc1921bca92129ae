/// Replaces the names of lanes and users by codes. Within one report, equal names have equal codes.
struct Pseudonyms {
  private let hash: KeyedHash
  /// Names that are replaced wherever they stand as a word.
  private let names: Set<String>
  /// Those that have other characters than a word, the longest first.
  private let odd: [String]
  /// Names that are too short to be told from words of a sentence. They are replaced in quotes.
  private let short: [String]

  init(_ hash: KeyedHash, names: Set<String>) {
    self.hash = hash
    let long = names.filter { $0.utf8.count > Self.longestWord }
    self.names = long
    short = names.subtracting(long).filter { !$0.isEmpty }.sorted()
    odd = long.filter { !$0.utf8.allSatisfy(Self.isOfWord) }
      .sorted { $0.utf8.count > $1.utf8.count }
  }

  private static let longestWord = 3

  func name(_ name: String) -> String { name.isEmpty ? "" : "<\(hash.short(name))>" }

  /// A text that may mention a name.
  func text(_ text: String) -> String {
    let text = (short.map { "'\($0)'" } + odd).reduce(text) { $0.replacing($1, with: name($1)) }
    var result: [UInt8] = []
    var word: [UInt8] = []
    for byte in Array(text.utf8) + [UInt8(ascii: "\n")] {
      if Self.isOfWord(byte) {
        word.append(byte)
        continue
      }
      result += replaced(word)
      word = []
      result.append(byte)
    }
    return String(decoding: result.dropLast(), as: UTF8.self)
  }

  private func replaced(_ word: [UInt8]) -> [UInt8] {
    if word.isEmpty { return word }
    let text = String(decoding: word, as: UTF8.self)
    return names.contains(text) || Self.looksLikeName(text) ? Array(name(text).utf8) : word
  }

  /// What Feishu's ids of users, chats and previews look like. The id of an app is no secret, and
  /// the app is found in the console by it.
  private static func looksLikeName(_ word: String) -> Bool {
    if ["ou_", "on_", "oc_", "om_", "session_"].contains(where: word.hasPrefix) { return true }
    if word.hasPrefix("cli_") || word.utf8.count < 20 { return false }
    return word.contains(where: \.isNumber) && word.contains(where: \.isLetter)
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: byte >= 0x80
    }
  }
}
