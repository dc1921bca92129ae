import Delivery
import Planning
import Terminal

/// What an attempt to connect to a host shows.
struct ConnectionJudging {
  let host: String
  let proxy: ProxyChoice
  let redaction: Redaction

  func findings(of reach: Reach) -> [Finding] {
    switch reach {
    case .connected(let lookup, let connect, let secure, let address):
      let certificate = host.hasPrefix("https:") ? ", certificate good" : ""
      return [
        .fine(.proxy, way),
        .fine(
          .connection,
          "\(host): name resolved in \(lookup) ms, connected to \(address) in \(connect) ms, ready "
            + "in \(max(connect, secure)) ms\(certificate)"),
      ]
    case .failed(let step, let why): return failure(step, redaction.libraryText(why))
    }
  }

  private var way: String {
    guard let variable = proxy.variable, let address = proxy.address else {
      return "calls to \(host) go directly, without a proxy"
    }
    return "calls to \(host) go through \(redaction.text(address)) (\(variable))"
  }

  private func failure(_ step: Reach.Step, _ why: String) -> [Finding] {
    let summary = "\(host) cannot be reached: \(why)"
    switch step {
    case .proxyName, .proxy:
      return [
        .wrong(
          .proxy, "the proxy for \(host) cannot be used: \(why)",
          fix: "check \(proxy.variable ?? "https_proxy"), or list the host in no_proxy")
      ]
    case .connect where proxy.variable != nil:
      return [
        .wrong(
          .proxy, "the proxy for \(host) cannot be used: \(why)",
          fix: "check \(proxy.variable ?? "https_proxy"), or list the host in no_proxy")
      ]
    case .name:
      return [
        .fine(.proxy, way),
        .wrong(
          .connection, summary,
          fix: "check the name in the configuration, and the DNS of this machine: getent hosts "
            + name),
      ]
    case .certificate:
      return [
        .fine(.proxy, way),
        .wrong(
          .connection, summary,
          fix: "if a gateway inspects TLS here, give its certificate with ca_file or SSL_CERT_FILE"),
      ]
    case .connect, .secure, .time, .other:
      return [
        .fine(.proxy, way),
        .wrong(
          .connection, summary,
          fix: "check the network and the firewall: curl -v \(host)"),
      ]
    }
  }

  /// The host without scheme and port.
  private var name: String {
    let authority = host.drop { $0 != "/" }.drop { $0 == "/" }
    return String(authority.prefix { $0 != ":" })
  }
}
