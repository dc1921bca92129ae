import FoundationEssentials

/// A proxy address from the environment, `http://user:password@proxy:8080`, read as its author
/// meant it: everything before the last `@` is a secret, whatever characters it contains.
struct ProxyAddress {
  private let userinfo: String

  /// Nil if it contains no credentials.
  init?(_ value: String) {
    guard let end = value.lastIndex(of: "@") else { return nil }
    let scheme = value[..<end].firstRange(of: "://")
    userinfo = String(value[(scheme?.upperBound ?? value.startIndex)..<end])
  }

  /// Whether libcurl reads it the same way. If not, it takes parts of a password for a host or a
  /// port and repeats them in its errors.
  var isClear: Bool {
    userinfo.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !Self.delimiters.contains($0) }
  }

  private static let delimiters = Array("/?#@\\".utf8)

  /// The user and password, the password alone, their percent-decoded forms, and the Basic header.
  /// A user name without a password is a secret too, and any colon may be the one before the
  /// password.
  var secrets: [String] {
    var secrets = [userinfo]
    for colon in userinfo.indices where userinfo[colon] == ":" {
      secrets.append(String(userinfo[userinfo.index(after: colon)...]))
    }
    secrets += secrets.map(Unescaped.percentDecoded)
    let basic = Data(Unescaped.percentDecoded(userinfo).utf8).base64EncodedString()
    return (secrets + [basic]).filter { !$0.isEmpty }
  }
}
