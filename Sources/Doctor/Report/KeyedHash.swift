import Planning

/// SipHash-2-4 of a text under a random key. Equal texts have equal hashes under one key. Without the
/// key nobody can tell which text a hash stands for, not even by trying likely ones.
struct KeyedHash {
  private let key: (UInt64, UInt64)

  init(using random: inout some RandomNumberGenerator) {
    self.init(key: (random.next(), random.next()))
  }

  init(key: (UInt64, UInt64)) { self.key = key }

  /// The first half of the hash, which is enough to tell the names in one report apart.
  func short(_ text: String) -> String { hexadecimal(of(Array(text.utf8)) >> 24, digits: 10) }

  func of(_ bytes: [UInt8]) -> UInt64 {
    var state = State(key)
    var rest = bytes[...]
    while rest.count >= 8 {
      state.absorb(Self.word(rest.prefix(8)))
      rest = rest.dropFirst(8)
    }
    state.absorb(Self.word(rest) | UInt64(bytes.count & 0xFF) << 56)
    return state.finish()
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private struct State {
    private var a, b, c, d: UInt64

    init(_ key: (UInt64, UInt64)) {
      a = key.0 ^ 0x736F_6D65_7073_6575
      b = key.1 ^ 0x646F_7261_6E64_6F6D
      c = key.0 ^ 0x6C79_6765_6E65_7261
      d = key.1 ^ 0x7465_6462_7974_6573
    }

    mutating func absorb(_ word: UInt64) {
      d ^= word
      for _ in 0..<2 { mix() }
      a ^= word
    }

    mutating func finish() -> UInt64 {
      c ^= 0xFF
      for _ in 0..<4 { mix() }
      return a ^ b ^ c ^ d
    }

    private mutating func mix() {
      a &+= b
      c &+= d
      b = Self.turned(b, 13) ^ a
      d = Self.turned(d, 16) ^ c
      a = Self.turned(a, 32)
      c &+= b
      a &+= d
      b = Self.turned(b, 17) ^ c
      d = Self.turned(d, 21) ^ a
      c = Self.turned(c, 32)
    }

    private static func turned(_ word: UInt64, _ bits: UInt64) -> UInt64 {
      word << bits | word >> (64 - bits)
    }
  }
}
