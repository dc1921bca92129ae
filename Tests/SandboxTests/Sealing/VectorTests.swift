import FoundationEssentials
import Picture
import Testing

@testable import Sandbox

/// The published vectors.
struct VectorTests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
        + "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func `NIST's examples of SHA-256`(message: String, digest: String) {
    #expect(hexadecimal(SHA256.digest(Array(message.utf8))) == digest)
  }

  /// From a one-liner of Python's hashlib: the lengths around which padding takes another block.
  @Test(arguments: [
    (55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
    (56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
    (64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
  ])
  func `a message that just fits its blocks`(length: Int, digest: String) {
    #expect(hexadecimal(SHA256.digest([UInt8](repeating: 0x61, count: length))) == digest)
  }

  @Test func `FIPS 197's example of AES-256`() {
    let cipher = AES256(key: (0..<32).map { UInt8($0) })
    let block = Block(bytes("00112233445566778899aabbccddeeff"), at: 0)
    #expect(hexadecimal(cipher.encrypt(block).bytes) == "8ea2b7ca516745bfeafc49904b496089")
  }

  @Test func `NIST SP 800-38A's example of AES-256 in CBC mode`() {
    let cipher = AES256(
      key: bytes("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"))
    let text = bytes(
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
        + "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")
    let encrypted = cipher.encryptCBC(text, iv: (0..<16).map { UInt8($0) })
    // The example has no padding, which is the last block here.
    #expect(
      hexadecimal(encrypted.dropLast(16))
        == "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
        + "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b")
  }

  @Test func `Feishu's example of an encrypted callback`() throws {
    let whole = Array(
      try #require(Data(base64Encoded: "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=")))
    let cipher = AES256(key: SHA256.digest(Array("test key".utf8)))
    let encrypted = cipher.encryptCBC(Array("hello world".utf8), iv: Array(whole.prefix(16)))
    #expect(encrypted == Array(whole.dropFirst(16)))
  }

  private func bytes(_ digits: String) -> [UInt8] {
    let digits = Array(digits.utf8)
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
    }
  }
}
