/// The rules of `url_previews/batch_update`. One bad entry in a list gets the whole call refused.
struct PreviewRules {
  private let settings: RuleSettings
  /// Kept for each app, because a token belongs to a message that only one app sees.
  private var spacings: [String: TokenSpacing] = [:]

  init(_ settings: RuleSettings) {
    self.settings = settings
  }

  mutating func update(
    _ update: PreviewUpdate?, _ request: Request, of app: String, at now: Microseconds,
    _ judgement: inout Judgement
  ) throws(Refusal) {
    let update = try validate(update, request)
    let tokens = update.previewTokens
    let (ready, early) = spacings[app, default: TokenSpacing()].sort(tokens, at: now)
    judgement.early = early
    if let first = early.first {
      judgement.verdict = .tooEarly
      if settings.earlyUpdate == .refuse {
        throw Self.invalid(.tooEarly, request, "a token may be updated once in 5 s: \(first)")
      }
    }
    spacings[app, default: TokenSpacing()].note(ready, at: now)
    judgement.applied = !ready.isEmpty && reachesAnybody(update)
    judgement.answer.body = Answer.success
  }

  private func validate(
    _ update: PreviewUpdate?, _ request: Request
  ) throws(Refusal) -> PreviewUpdate {
    guard let update else {
      throw Self.invalid(.invalid, request, "the body is not a JSON object with preview_tokens")
    }
    if update.openIDs?.isEmpty == true && settings.emptyAudience == .refuse {
      throw Self.invalid(.invalid, request, "open_ids is empty")
    }
    if let miscount = update.miscount { throw Self.invalid(.invalid, request, miscount) }
    if let bad = update.previewTokens.first(where: { isMalformed($0, settings.badTokenPrefix) }) {
      throw Self.invalid(.malformed, request, "'\(bad)' is not a preview token")
    }
    if let bad = update.openIDs?.first(where: { isMalformed($0, settings.badOpenIDPrefix) }) {
      throw Self.invalid(.malformed, request, "'\(bad)' is not an open_id")
    }
    return update
  }

  private func reachesAnybody(_ update: PreviewUpdate) -> Bool {
    update.openIDs?.isEmpty != true || settings.emptyAudience == .everyone
  }

  private func isMalformed(_ text: String, _ badPrefix: String) -> Bool {
    text.isEmpty || text.isMarked(by: badPrefix)
  }

  private static func invalid(
    _ verdict: Verdict, _ request: Request, _ reason: String
  ) -> Refusal {
    Refusal(verdict, request, code: 230_001, "param is invalid: \(reason)")
  }
}
