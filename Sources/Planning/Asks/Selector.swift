/// What an ask can name instead of a lane: all previews that were seen with a key, or with a URL.
package enum Selector: String, CaseIterable, Hashable, Sendable {
  case key, url

  /// What is wrong with a name. Nil if it is good. The limits are Larkspur's own.
  package func flaw(of name: String) -> String? {
    switch self {
    case .key:
      1...256 ~= name.utf8.count && name.isVisibleASCII ? nil : "its lane is not a key"
    case .url:
      name.isEmpty || name.isLonger(than: 2_048) ? "its lane is not a URL" : nil
    }
  }
}

/// Whom an ask by key or URL is for.
package enum KeyReach: Hashable, Sendable {
  case everyone
  /// The users whose clients have requested the preview.
  case viewers

  /// Whom to refresh a preview for. A refresh that would name more than `most` users is for everyone.
  /// Nobody who looked at it may be left out, so if none is known, all are meant.
  package func audience(viewers: [String], most: Int) -> Audience {
    if self == .everyone || viewers.isEmpty || viewers.count > most { return .everyone }
    return Audience(of: viewers)
  }
}
