import Picture

/// What the members of the nine chats see, as lines of a given width.
struct ChatPicture {
  /// The latest sentences of the story, newest last.
  let told: [String]
  let rows: [NineChats.Row]
  /// What the ticket is called after its change.
  let newest: String

  /// At most `limit` lines, none wider than `columns`.
  func lines(columns: Int, rows limit: Int) -> [ScreenLine] {
    let story = DemoPicture.story(told)
    let chats = rows.map(line)
    let airy = story + [[]] + chats
    let lines = airy.count <= limit ? airy : story.suffix(1) + chats
    return lines.prefix(max(0, limit)).map { ScreenText.cut($0, to: columns) }
  }

  private func line(_ row: NineChats.Row) -> ScreenLine {
    let names = Self.padded(row.chat, to: 12) + Self.padded("\(row.members) see", to: 8)
    return [ScreenSpan(names)]
      + row.titles.enumerated().flatMap { place, title in
        [
          ScreenSpan(place == 0 ? "" : ", "),
          ScreenSpan(title ?? "the bare link", title == newest ? .good : .plain),
        ]
      }
  }

  private static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
