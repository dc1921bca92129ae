import Delivery
import Planning
import Terminal

/// An account's settings in words, without its secrets.
extension AccountSettings {
  /// `app cli_1 at https://open.feishu.cn, 5 previews/s, 10,000 calls a month`.
  package var summary: String {
    var parts = ["app \(appID) at \(host)"]
    parts += limits(of: .preview).map { Self.text(of: $0) }
    switch issuing {
    case .ownApp(.usual): break
    case .ownApp(let endpoint): parts.append("access tokens from OAuth \(endpoint.rawValue)")
    case .storeApp(let app): parts.append("a store app with its ticket from \(app.ticket.place)")
    case .tenant(let key, let app): parts.append("tenant \(key) of store app \(app)")
    }
    if let monthlyQuota { parts.append("\(grouped(monthlyQuota)) calls a month") }
    if quotaReserve > 0 { parts.append("the last \(grouped(quotaReserve)) for urgent asks") }
    if case .cover(let pairs) = packing { parts.append("packing cover (\(pairs) extra pairs)") }
    if !joins { parts.append("batches sent one by one") }
    parts += changed(sightings)
    if case .file(let path) = trust { parts.append("certificates from \(path)") }
    if case .systemFile(let path) = trust { parts.append("certificates from \(path)") }
    return parts.joined(separator: ", ")
  }

  private func changed(_ limits: SightingLimits) -> [String] {
    let usual = SightingLimits()
    var parts: [String] = []
    if limits.days != usual.days { parts.append("sightings kept for \(grouped(limits.days)) days") }
    if limits.previewsPerKey != usual.previewsPerKey {
      parts.append("at most \(grouped(limits.previewsPerKey)) previews a key")
    }
    if limits.viewersMost != usual.viewersMost {
      parts.append("everyone for more than \(grouped(limits.viewersMost)) viewers")
    }
    return parts
  }

  private static func text(of limit: Budget.Limit) -> String {
    let calls = grouped(limit.calls)
    return switch limit.span {
    case 1_000: "\(calls) preview calls/s"
    case 60_000: "\(calls) preview calls/min"
    default: "\(calls) preview calls in \(describeDuration(limit.span))"
    }
  }
}

extension CredentialsPlace {
  /// As what to check: `app id cli_1 and the secret in file /run/secrets/feishu`. What is no app id may be the
  /// secret in the wrong place, and is not repeated.
  package var words: String {
    let digits = appID.dropFirst(4)
    let isPlain =
      appID.hasPrefix("cli_")
      && digits.utf8.allSatisfy { 48...57 ~= $0 || 65...90 ~= $0 || 97...122 ~= $0 }
    return "\(isPlain ? "app id \(appID)" : "the app id") and the secret in \(secret.place)"
  }
}

extension SecretSource {
  /// Where it is: `file /run/secrets/feishu` or `variable LARKSPUR_APP_SECRET`.
  package var place: String {
    switch self {
    case .environment(let name): "variable \(name)"
    case .file(let path): "file \(path)"
    }
  }
}
