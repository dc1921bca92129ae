import Planning

extension JSONText {
  /// The JSON type of a text: `array`, `object`, `text`, …; nil if it is not JSON.
  package static func type(of text: String) throws(QueueError) -> String? {
    do {
      // SQLite would read only up to a NUL.
      if text.utf8.contains(0) { return nil }
      return try Connection(path: ":memory:", mode: .memory).first(
        "select iif(json_valid(?1), json_type(?1), null)", .text(text)
      ) { (row) throws(StoreError) in row.optionalText(0) } ?? nil
    } catch {
      throw QueueError(error, path: ":memory:")
    }
  }
}
