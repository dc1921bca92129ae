import Testing

@testable import Sandbox

struct SealingTests {
  private let iv = [UInt8](repeating: 7, count: 16)

  private func seal(_ json: String, key: String?) -> Sealing.Sealed {
    Sealing(encryptKey: key).seal(json, iv: iv, timestamp: "1700000000", nonce: "n1")
  }

  @Test func `without an Encrypt Key a callback is plain and not signed`() {
    #expect(seal("{}", key: nil) == Sealing.Sealed(body: Array("{}".utf8)))
  }

  /// Made with Python's hashlib and the `openssl` command.
  @Test func `with one it is encrypted, and the signature is over the encrypted body`() {
    let sealed = seal(#"{"a":1}"#, key: "test key")
    #expect(
      String(decoding: sealed.body, as: UTF8.self)
        == #"{"encrypt":"BwcHBwcHBwcHBwcHBwcHB6bnZvi21NMAdUXBOt6OsSY="}"#)
    #expect(
      sealed.headers == [
        "X-Lark-Request-Timestamp": "1700000000", "X-Lark-Request-Nonce": "n1",
        "X-Lark-Signature": "026ee20941b91b0be7d2ae03e7370837de4fd9307f6c4903a82f33f3c3a06124",
      ])
  }

  @Test func `text that fills its blocks gets a block of padding`() {
    let cipher = AES256(key: [UInt8](repeating: 0, count: 32))
    #expect(cipher.encryptCBC([UInt8](repeating: 0, count: 16), iv: iv).count == 32)
    #expect(cipher.encryptCBC([], iv: iv).count == 16)
  }
}
