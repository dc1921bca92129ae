import FoundationEssentials
import Terminal

/// Every text from outside (a server's message, an error from libcurl, why a secret cannot be read)
/// passes through here before it becomes part of an answer or an event. Secrets are removed and
/// control characters made visible, so the result may be stored and shown. Pure.
package struct Redaction: Sendable {
  /// Where a secret comes from. The newest few of each origin are known, because somebody may still
  /// repeat one that was just replaced.
  package enum Origin: Hashable, Sendable {
    case place(SecretSource)
    case login(account: Int)
  }

  private var newest: [Origin: [String]] = [:]
  private var secrets = SecretIndex()
  /// The environment variable with a proxy address that libcurl misreads, if there is one.
  private var unclearProxy: String?

  private static let newestMax = 4

  package init() {}

  /// Knows the credentials in the proxy addresses of this environment.
  package init(environment: [String: String]) {
    for (name, value) in environment where name.lowercased().hasSuffix("_proxy") {
      guard let address = ProxyAddress(value) else { continue }
      for secret in address.secrets { secrets.add(secret) }
    }
    // The order in which libcurl looks for the proxy of an https URL.
    let names = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    let name = names.first { environment[$0]?.isEmpty == false }
    guard let name, let address = environment[name].flatMap(ProxyAddress.init) else { return }
    if !address.isClear { unclearProxy = name }
  }

  package mutating func know(_ secret: String, from origin: Origin) {
    var known = newest[origin] ?? []
    if known.last == secret { return }
    if let place = known.firstIndex(of: secret) {
      known.remove(at: place)
    } else {
      secrets.add(secret)
    }
    known.append(secret)
    if known.count > Self.newestMax { secrets.remove(known.removeFirst()) }
    newest[origin] = known
  }

  /// Makes a text safe to store and show, and cuts it to `limit` characters. Secrets are removed
  /// first, because half a secret would not be found.
  package func text(_ text: String, atMost limit: Int = .max) -> String {
    // Nearly all texts are short, and counting characters is slow.
    let isShort = text.utf8.count <= Self.scalarsMax
    let bounded = isShort ? text : String(text.unicodeScalars.prefix(Self.scalarsMax))
    let safe = printable(withoutSecrets(bounded))
    return safe.utf8.count <= limit ? safe : String(safe.prefix(limit))
  }

  /// Makes an error from libcurl safe. If libcurl misreads the proxy's address, it may quote any
  /// part of it, so the whole error is replaced.
  package func libraryText(_ text: String) -> String {
    guard let unclearProxy else { return self.text(text) }
    return "connection failed; in \(unclearProxy), percent-encode / ? # @ \\ and spaces in the "
      + "user name and password: %2F %3F %23 %40 %5C %20"
  }

  /// JSON whose texts hold no secret. Control characters are escaped when it is written.
  package func json(_ value: JSON) -> JSON {
    switch value {
    case .string(let text): .string(withoutSecrets(text))
    case .list(let list): .list(list.map(json))
    case .object(let members):
      .object(
        Dictionary(
          members.map { (withoutSecrets($0.key), json($0.value)) }, uniquingKeysWith: { $1 }))
    case .null, .bool, .number: value
    }
  }

  private static let scalarsMax = 4_096
  private static let mark = Array("[redacted]".utf8)

  private func withoutSecrets(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var ranges = Credentials.ranges(in: bytes)
    for form in Unescaped.forms(of: bytes) {
      for found in secrets.ranges(in: form.bytes) { ranges.append(form.source(of: found)) }
    }
    if ranges.isEmpty { return text }
    ranges.sort { $0.lowerBound < $1.lowerBound }
    var safe: [UInt8] = []
    var end = 0
    for range in ranges where range.upperBound > end {
      if range.lowerBound > end || safe.isEmpty {
        safe += bytes[end..<max(end, range.lowerBound)]
        safe += Self.mark
      }
      end = range.upperBound
    }
    safe += bytes[end...]
    return String(decoding: safe, as: UTF8.self)
  }
}
