/// The body of `url_previews/batch_update`.
struct PreviewUpdate: Equatable, StrictBody {
  static let tokens = 1...10
  static let openIDs = 0...100

  var previewTokens: [String]
  /// Nil means every member of the chat.
  var openIDs: [String]?

  enum CodingKeys: String, CodingKey {
    case previewTokens = "preview_tokens"
    case openIDs = "open_ids"
  }

  init(previewTokens: [String], openIDs: [String]? = nil) {
    self.previewTokens = previewTokens
    self.openIDs = openIDs
  }

  /// What is wrong with the lengths of the lists; nil if nothing is.
  var miscount: String? {
    if !Self.tokens.contains(previewTokens.count) {
      return "preview_tokens must list 1 to 10 tokens, not \(previewTokens.count)"
    }
    if let openIDs, !Self.openIDs.contains(openIDs.count) {
      return "open_ids must list at most 100 open_ids, not \(openIDs.count)"
    }
    return nil
  }
}
