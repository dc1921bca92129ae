/// One request and its outcome, as a row of the page.
struct Call: Equatable {
  enum End: Equatable {
    /// The answer is still held back.
    case awaited
    case answered(after: Microseconds)
    case unanswered
  }

  enum Subject: Equatable {
    case accessToken
    /// The preview to show, how many there are, and for how many users; nil is everyone.
    case previews(first: String, count: Int, people: Int?)
    case card(String, sequence: Int)
    case session(String)
    /// The body could not be read, or belongs to no API.
    case other(String)
  }

  let number: Int
  let at: Microseconds
  let endpoint: Endpoint?
  let subject: Subject
  let app: String?
  let verdict: Verdict
  let fault: Fault?
  /// What the client saw.
  let status: Int?
  let code: Int?
  /// What was decided. A lost answer does not change it.
  let isAccepted: Bool
  let isApplied: Bool
  var end = End.awaited

  init(number: Int, at: Microseconds, _ request: Request, _ judgement: Judgement) {
    self.number = number
    self.at = at
    (endpoint, subject) = Self.read(request, judgement)
    app = judgement.app.map(shortened)
    verdict = judgement.verdict
    fault = judgement.fault
    (status, code) = judgement.seen
    isAccepted = judgement.isAccepted
    isApplied = judgement.applied
  }

  private static func read(
    _ request: Request, _ judgement: Judgement
  ) -> (endpoint: Endpoint?, subject: Subject) {
    switch judgement.asked {
    case .accessToken: return (.accessToken, .accessToken)
    case .oauth: return (.oauth, .accessToken)
    case .store: return (Route(path: request.path)?.endpoint, .accessToken)
    case .previews(let update?):
      // Show a token that came too early, because it is the reason for the refusal.
      let first = judgement.early.first ?? update.previewTokens.first ?? ""
      return (
        .previews,
        .previews(
          first: shortened(first), count: update.previewTokens.count,
          people: update.openIDs?.count)
      )
    case .previews(nil): return (.previews, .other("a body that cannot be read"))
    case .card(let id, let update?):
      return (.cards, .card(shortened(id), sequence: update.sequence))
    case .card(let id, nil): return (.cards, .other(shortened(id)))
    case .session(let id, _): return (.sessions, .session(shortened(id)))
    case nil:
      // Leave out what follows a question mark, because it may contain an access token.
      return (nil, .other("\(shortened(request.method)) \(shortened(request.path))"))
    }
  }
}

/// Why a call was not simply accepted. It contains nothing a client sent, so there are only so many
/// different ones.
struct Trouble: Hashable {
  let verdict: Verdict
  let fault: Fault?
  /// What the client saw.
  let status: Int?
  let code: Int?
  let isAccepted: Bool
  let isApplied: Bool

  init?(_ judgement: Judgement) {
    if judgement.verdict == .ok && judgement.fault == nil { return nil }
    verdict = judgement.verdict
    fault = judgement.fault
    (status, code) = judgement.seen
    isAccepted = judgement.isAccepted
    isApplied = judgement.applied
  }
}

extension Judgement {
  /// What was decided, even if the client does not learn it.
  var isAccepted: Bool { answer.code == 0 }
}

/// Text from outside, cut to a length that can be kept. Feishu's own names are far shorter.
func shortened(_ text: String) -> String {
  isLong(text) ? String(decoding: text.utf8.prefix(textMax), as: UTF8.self) + "…" : text
}

func isLong(_ text: String) -> Bool { text.utf8.count > textMax }

private let textMax = 256
