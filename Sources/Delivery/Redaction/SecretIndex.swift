/// Finds any of many secrets in a text, in a time that does not grow with their number. Ten
/// thousand accounts have ten thousand secrets, and most of those begin alike.
struct SecretIndex: Sendable {
  private var uses: [[UInt8]: Int] = [:]
  /// By their last eight bytes.
  private var byEnd: [UInt64: [[UInt8]]] = [:]
  /// By their first four bytes, for a text that was cut off inside a secret.
  private var byStart: [UInt64: [[UInt8]]] = [:]
  private var short: [[UInt8]] = []

  private static let endBytes = 8
  private static let startBytes = 4

  init() {}

  mutating func add(_ secret: String) {
    let bytes = Array(secret.utf8)
    guard !bytes.isEmpty else { return }
    uses[bytes, default: 0] += 1
    guard uses[bytes] == 1 else { return }
    if bytes.count < Self.endBytes {
      short.append(bytes)
    } else {
      byEnd[Self.key(bytes.suffix(Self.endBytes)), default: []].append(bytes)
    }
    if bytes.count > Self.startBytes {
      byStart[Self.key(bytes.prefix(Self.startBytes)), default: []].append(bytes)
    }
  }

  mutating func remove(_ secret: String) {
    let bytes = Array(secret.utf8)
    guard let count = uses[bytes] else { return }
    uses[bytes] = count > 1 ? count - 1 : nil
    guard count == 1 else { return }
    short.removeAll { $0 == bytes }
    let end = Self.key(bytes.suffix(Self.endBytes))
    let start = Self.key(bytes.prefix(Self.startBytes))
    byEnd[end]?.removeAll { $0 == bytes }
    byStart[start]?.removeAll { $0 == bytes }
    if byEnd[end]?.isEmpty == true { byEnd[end] = nil }
    if byStart[start]?.isEmpty == true { byStart[start] = nil }
  }

  func ranges(in text: [UInt8]) -> [Range<Int>] {
    if uses.isEmpty { return [] }
    return whole(in: text) + shortOnes(in: text) + cutOff(in: text)
  }

  private func whole(in text: [UInt8]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var key: UInt64 = 0
    for (place, byte) in text.enumerated() {
      key = key << 8 | UInt64(byte)
      guard place >= Self.endBytes - 1, let candidates = byEnd[key] else { continue }
      for secret in candidates where text[...place].reversed().starts(with: secret.reversed()) {
        ranges.append(place + 1 - secret.count..<place + 1)
      }
    }
    return ranges
  }

  /// A secret of fewer than four bytes counts only as a whole word, because it is part of many
  /// ordinary words.
  private func shortOnes(in text: [UInt8]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for secret in short where secret.count <= text.count {
      for place in 0...text.count - secret.count where text[place...].starts(with: secret) {
        let end = place + secret.count
        let isWord =
          (place == 0 || !Self.isPartOfWord(text[place - 1]))
          && (end == text.count || !Self.isPartOfWord(text[end]))
        if isWord || secret.count >= Self.startBytes { ranges.append(place..<end) }
      }
    }
    return ranges
  }

  /// Finds the beginning of a secret: the text may have been cut off inside it, or the secret
  /// itself shortened for display.
  private func cutOff(in text: [UInt8]) -> [Range<Int>] {
    let dots = [Array("...".utf8), Array("…".utf8)].first {
      text.reversed().starts(with: $0.reversed())
    }
    let end = text.count - (dots?.count ?? 0)
    var ranges: [Range<Int>] = []
    var key: UInt64 = 0
    for (place, byte) in text[..<end].enumerated() {
      key = (key << 8 | UInt64(byte)) & 0xFFFF_FFFF
      let begin = place + 1 - Self.startBytes
      guard begin >= 0, let candidates = byStart[key] else { continue }
      let rest = text[begin..<end]
      let shared = candidates.map { zip($0, rest).prefix { $0 == $1 }.count }.max() ?? 0
      if shared == rest.count || shared >= Self.tellingBytes {
        ranges.append(begin..<begin + shared)
      }
    }
    return ranges
  }

  /// This many bytes of a secret are no coincidence, wherever they appear.
  private static let tellingBytes = 8

  private static func key(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func isPartOfWord(_ byte: UInt8) -> Bool {
    byte >= 0x80 || UnicodeScalar(byte).properties.isAlphabetic
      || UnicodeScalar(byte).properties.numericType != nil
  }
}
