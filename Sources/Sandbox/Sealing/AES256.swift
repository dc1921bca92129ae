import Picture

/// Encryption with AES-256 in CBC mode, as FIPS 197 and NIST SP 800-38A define them. It takes
/// different times for different keys, which does not matter for a key that protects nothing: both
/// ends are on this machine.
struct AES256 {
  static let keyBytes = 32
  static let blockBytes = 16
  private static let rounds = 14

  private let roundKeys: [Block]

  init(key: [UInt8]) {
    precondition(key.count == Self.keyBytes, "a key of AES-256 has 32 bytes")
    roundKeys = Self.expanded(key)
  }

  /// The text with PKCS#7 padding, encrypted. The IV is not part of the result.
  func encryptCBC(_ text: [UInt8], iv: [UInt8]) -> [UInt8] {
    precondition(iv.count == Self.blockBytes, "an IV is one block")
    let padding = Self.blockBytes - text.count % Self.blockBytes
    let whole = text + [UInt8](repeating: UInt8(padding), count: padding)
    var encrypted: [UInt8] = []
    encrypted.reserveCapacity(whole.count)
    var previous = Block(iv, at: 0)
    for start in stride(from: 0, to: whole.count, by: Self.blockBytes) {
      previous = encrypt(Block(whole, at: start) ^ previous)
      encrypted += previous.bytes
    }
    return encrypted
  }

  func encrypt(_ block: Block) -> Block {
    var state = block ^ roundKeys[0]
    for round in 1..<Self.rounds { state = state.columns(Self.mixed) ^ roundKeys[round] }
    // The last round does not mix.
    return state.columns(Self.substituted) ^ roundKeys[Self.rounds]
  }

  private static func expanded(_ key: [UInt8]) -> [Block] {
    let (first, second) = (Block(key, at: 0), Block(key, at: blockBytes))
    var words = [first.a, first.b, first.c, first.d, second.a, second.b, second.c, second.d]
    var constant: UInt8 = 1
    for index in 8..<4 * (rounds + 1) {
      var word = words[index - 1]
      if index % 8 == 0 {
        word = word << 8 | word >> 24
        word = substituted(word, word, word, word) ^ UInt32(constant) << 24
        constant = doubled(constant)
      } else if index % 8 == 4 {
        word = substituted(word, word, word, word)
      }
      words.append(word ^ words[index - 8])
    }
    return stride(from: 0, to: words.count, by: 4).map {
      Block(words[$0], words[$0 + 1], words[$0 + 2], words[$0 + 3])
    }
  }

  /// A column of the next state without mixing: a byte from each of four columns.
  private static func substituted(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32) -> UInt32 {
    UInt32(sBox[Int(a >> 24)]) << 24 | UInt32(sBox[Int(b >> 16 & 0xff)]) << 16
      | UInt32(sBox[Int(c >> 8 & 0xff)]) << 8 | UInt32(sBox[Int(d & 0xff)])
  }

  /// The same, mixed.
  private static func mixed(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32) -> UInt32 {
    let (second, third) = (products[Int(b >> 16 & 0xff)], products[Int(c >> 8 & 0xff)])
    let fourth = products[Int(d & 0xff)]
    return products[Int(a >> 24)] ^ (second >> 8 | second << 24) ^ (third >> 16 | third << 16)
      ^ (fourth >> 24 | fourth << 8)
  }

  /// The product with x in AES's field of 256 elements.
  private static func doubled(_ byte: UInt8) -> UInt8 {
    byte << 1 ^ (byte & 0x80 == 0 ? 0 : 0x1b)
  }

  /// What the first byte of a column contributes to a mixed column: its substitute times 2, 1, 1, 3.
  /// Without this table a debug build takes 50 ms for one callback, and every other call waits.
  private static let products: [UInt32] = sBox.map { byte in
    let (one, two) = (UInt32(byte), UInt32(doubled(byte)))
    return two << 24 | one << 16 | one << 8 | (one ^ two)
  }

  /// The S-box, computed rather than copied: `value` runs through all elements of the field but 0 as
  /// powers of 3, and `inverse` through their inverses.
  private static let sBox: [UInt8] = {
    var box = [UInt8](repeating: 0x63, count: 256)
    var (value, inverse): (UInt8, UInt8) = (1, 1)
    repeat {
      value ^= doubled(value)
      inverse ^= inverse << 1
      inverse ^= inverse << 2
      inverse ^= inverse << 4
      if inverse & 0x80 != 0 { inverse ^= 0x09 }
      let turns = (1...4).map { inverse << $0 | inverse >> (8 - $0) }
      box[Int(value)] = turns.reduce(inverse, ^) ^ 0x63
    } while value != 1
    return box
  }()
}

/// Sixteen bytes as four columns.
struct Block: Equatable {
  var a, b, c, d: UInt32

  init(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32) {
    (self.a, self.b, self.c, self.d) = (a, b, c, d)
  }

  init(_ bytes: [UInt8], at start: Int) {
    func column(_ index: Int) -> UInt32 {
      let at = start + 4 * index
      return UInt32(bytes[at]) << 24 | UInt32(bytes[at + 1]) << 16 | UInt32(bytes[at + 2]) << 8
        | UInt32(bytes[at + 3])
    }
    self.init(column(0), column(1), column(2), column(3))
  }

  var bytes: [UInt8] {
    bigEndianBytes(a) + bigEndianBytes(b) + bigEndianBytes(c) + bigEndianBytes(d)
  }

  static func ^ (one: Block, other: Block) -> Block {
    Block(one.a ^ other.a, one.b ^ other.b, one.c ^ other.c, one.d ^ other.d)
  }

  /// Each new column is made of all four, beginning with the one in its place: AES shifts row N by
  /// N columns.
  fileprivate func columns(_ column: (UInt32, UInt32, UInt32, UInt32) -> UInt32) -> Block {
    Block(column(a, b, c, d), column(b, c, d, a), column(c, d, a, b), column(d, a, b, c))
  }
}
