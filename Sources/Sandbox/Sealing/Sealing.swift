import FoundationEssentials
import Picture

/// Signs and encrypts callbacks as Feishu does for an app with an Encrypt Key. Without one, a
/// callback has neither, and the app compares the verification token in it.
struct Sealing {
  struct Sealed: Equatable {
    var headers: [String: String] = [:]
    var body: [UInt8]
  }

  private let encryptKey: String?
  private let cipher: AES256?

  init(encryptKey: String?) {
    self.encryptKey = encryptKey
    cipher = encryptKey.map { AES256(key: SHA256.digest(Array($0.utf8))) }
  }

  /// `iv` and `nonce` are arguments because the caller has the random numbers.
  func seal(_ json: String, iv: [UInt8], timestamp: String, nonce: String) -> Sealed {
    guard let encryptKey, let cipher else { return Sealed(body: Array(json.utf8)) }
    let encrypted = iv + cipher.encryptCBC(Array(json.utf8), iv: iv)
    let text = Data(encrypted).base64EncodedString()
    let body = Array(JSONText.object(["encrypt": JSONText.string(text)]).utf8)
    // The body as it is sent, not the JSON in it: an app must check the signature before it reads
    // anything.
    let signed = Array("\(timestamp)\(nonce)\(encryptKey)".utf8) + body
    return Sealed(
      headers: [
        "X-Lark-Request-Timestamp": timestamp, "X-Lark-Request-Nonce": nonce,
        "X-Lark-Signature": hexadecimal(SHA256.digest(signed)),
      ],
      body: body)
  }
}

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
