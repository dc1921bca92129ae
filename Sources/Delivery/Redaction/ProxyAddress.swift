import FoundationEssentials

/// The address of a proxy as it stands in the environment, `http://user:password@proxy:8080`, read as
/// its author meant it: everything before the last `@` is a secret, whatever characters are in it.
struct ProxyAddress {
  private let userinfo: String

  /// Nil where no credentials stand in it.
  init?(_ value: String) {
    guard let end = value.lastIndex(of: "@") else { return nil }
    let scheme = value[..<end].firstRange(of: "://")
    userinfo = String(value[(scheme?.upperBound ?? value.startIndex)..<end])
  }

  /// Whether libcurl reads it in the same way. Otherwise it takes parts of a password for a host or a
  /// port, and says so.
  var isClear: Bool {
    userinfo.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !Self.delimiters.contains($0) }
  }

  private static let delimiters = Array("/?#@\\".utf8)

  /// User and password, the password alone, and what they stand for. A user name without a password is
  /// one itself; which colon is the first of a password, nobody knows for certain.
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
