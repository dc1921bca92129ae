/// FNV-1a, 64 bits. It is the same in every run, unlike Swift's own hashes.
package enum StableHash {
  package static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }

  /// Sixteen bits of the hash: too few to learn anything about the input.
  package static func mark(of bytes: some Sequence<UInt8>) -> Int {
    let hash = of(bytes)
    return Int((hash ^ hash >> 16 ^ hash >> 32 ^ hash >> 48) & 0xffff)
  }
}
