import Terminal

/// The host an account's calls go to.
enum BaseURL {
  static let feishu = "https://open.feishu.cn"

  /// `https://host[:port]`; plain http only to this machine, because calls carry the app's secret.
  static func check(_ text: String, from place: String) throws(Failure) -> String {
    // A password may stand before an @, so such a URL is not quoted in the message.
    let quoted = text.contains("@") ? "" : " '\(printable(text))'"
    func bad(_ why: String) -> Failure {
      Failure(
        .configuration,
        "\(place): invalid base URL\(quoted): \(why); use a form like \(feishu)")
    }
    let schemes = ["https://", "http://"]
    guard let scheme = schemes.first(where: text.lowercased().hasPrefix) else {
      throw bad("it does not begin with https://")
    }
    var authority = String(text.dropFirst(scheme.count))
    if authority.hasSuffix("/") { authority.removeLast() }
    if authority.isEmpty { throw bad("it has no host") }
    guard authority.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }),
      !authority.contains(where: { "/?#@\\".contains($0) })
    else { throw bad("only a host and a port may follow \(scheme)") }
    if scheme == "http://" && !isLoopback(authority) {
      throw bad("plain http is allowed only for this machine (127.0.0.1, localhost, [::1])")
    }
    return scheme + authority
  }

  private static func isLoopback(_ authority: String) -> Bool {
    // The port, if there is one, follows the last colon outside brackets.
    let afterBracket = authority.lastIndex(of: "]").map(authority.index(after:))
    let rest = authority[(afterBracket ?? authority.startIndex)...]
    let host = authority[..<(rest.firstIndex(of: ":") ?? authority.endIndex)].lowercased()
    if host == "localhost" || host == "[::1]" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
