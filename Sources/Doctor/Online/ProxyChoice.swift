import Delivery

/// Which proxy the environment names for a host, by the rules of libcurl.
struct ProxyChoice: Equatable {
  /// The variable that names it; nil if calls go directly.
  var variable: String?
  /// Its address without user and password.
  var address: String?

  init(for host: String, in environment: [String: String]) {
    // Plain http is only for this machine, and never goes through a proxy.
    guard host.hasPrefix("https:"), !Self.isExcepted(Self.name(of: host), environment) else {
      return
    }
    let names = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    guard let name = names.first(where: { environment[$0]?.isEmpty == false }) else { return }
    variable = name
    address = environment[name].map(Self.withoutCredentials)
  }

  private static func withoutCredentials(_ address: String) -> String {
    guard let at = address.lastIndex(of: "@") else { return address }
    let scheme = address[..<at].firstRange(of: "://").map { address[..<$0.upperBound] } ?? ""
    return "\(scheme)\(address[address.index(after: at)...])"
  }

  private static func name(of host: String) -> String {
    let authority = host.drop { $0 != "/" }.drop { $0 == "/" }
    if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
    return String(authority.prefix { $0 != ":" }).lowercased()
  }

  /// Whether `no_proxy` lists the host, or a domain that it is in.
  private static func isExcepted(_ host: String, _ environment: [String: String]) -> Bool {
    let listed = ["no_proxy", "NO_PROXY"].compactMap { environment[$0] }.first { !$0.isEmpty }
    guard let listed else { return false }
    if listed == "*" { return true }
    return listed.lowercased().split { $0 == "," || $0 == " " }.contains { entry in
      let domain = entry.drop { $0 == "." }
      return !domain.isEmpty && (host == domain || host.hasSuffix(".\(domain)"))
    }
  }
}
