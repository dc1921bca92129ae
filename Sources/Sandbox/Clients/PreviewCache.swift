/// Previews that Feishu serves again for the same URL, to all users and in all chats, without
/// asking the app. Undocumented: one team reports that it lasts about 60 s. Users who are
/// served from it are never seen by the app.
struct PreviewCache {
  private struct Entry {
    var preview: Preview
    var expires: Microseconds
  }

  private static let entriesMax = 1_000

  private let lifetime: Microseconds
  private var entries: [ExactText: Entry] = [:]

  /// A lifetime of 0 is no cache.
  init(lifetime: Microseconds) { self.lifetime = lifetime }

  func preview(of url: String, at now: Microseconds) -> Preview? {
    guard let entry = entries[ExactText(url)], now < entry.expires else { return nil }
    return entry.preview
  }

  mutating func keep(_ preview: Preview, of url: String, at now: Microseconds) {
    if lifetime == 0 { return }
    if entries.count >= Self.entriesMax { entries = entries.filter { now < $0.value.expires } }
    entries[ExactText(url)] = Entry(preview: preview, expires: now + lifetime)
  }
}
