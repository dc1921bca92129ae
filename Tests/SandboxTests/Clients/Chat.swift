@testable import Sandbox

/// Clients whose callbacks the test answers, on a clock that the test sets. A class, because what
/// changes a value cannot be called inside an expectation.
final class Chat {
  var clients: Clients
  private var now: Microseconds = 0

  init(cache_s: Int = 0, callbacksMax: Int = 100) throws {
    var settings = ClientSettings(callback: try CallbackAddress(parsing: "http://localhost:8000"))
    settings.cacheLifetime = cache_s * second
    settings.callbacksMax = callbacksMax
    clients = Clients(settings, app: "cli_sandbox", instance: "run-", epoch: 0)
  }

  func wait(_ span: Microseconds) { now += span }

  /// Posts a link, which is seen by these members, and returns the message's number.
  func post(
    _ members: String..., url: String = "https://example.com/1", place: Place = .message
  ) -> Int {
    let chat = place.hasChat ? "oc_1" : ""
    return clients.post(
      NewMessage(url: url, place: place, chat: chat, members: members), at: now)
  }

  /// A refresh that was accepted.
  func refresh(
    _ tokens: [String], openIDs: [String]? = nil, app: String = "cli_sandbox", early: [String] = [],
    applied: Bool = true
  ) {
    var judgement = Judgement(applied: applied, app: app, early: early)
    judgement.asked = .previews(PreviewUpdate(previewTokens: tokens, openIDs: openIDs))
    clients.note(judgement)
  }

  func next() -> Callback? { clients.nextCallback(at: now) }

  /// The callbacks that may be sent now.
  func callbacks() -> [Callback] {
    var all: [Callback] = []
    while let callback = next() { all.append(callback) }
    return all
  }

  func end(_ callback: Callback, _ outcome: CallbackOutcome) {
    clients.end(callback, outcome, at: now)
  }

  func answer(_ callback: Callback, title: String) {
    end(callback, .answered(#"{"inline":{"title":\#(JSONText.string(title))}}"#))
  }

  /// Echoes the challenge, which is the first callback.
  func verify() {
    if !clients.isVerified, let callback = next(), case .challenge(let text) = callback.subject {
      end(callback, .answered(#"{"challenge":\#(JSONText.string(text))}"#))
    }
  }

  /// Has everybody pull and see this title.
  func settle(on title: String) {
    verify()
    for callback in callbacks() { answer(callback, title: title) }
  }

  func views(_ number: Int) -> [View] { clients.messages[number]?.views ?? [] }
  func titles(_ number: Int) -> [String?] { views(number).map(\.shown?.title) }
  func pulls(_ number: Int) -> [Int] { views(number).map(\.pulls) }
  func token(_ number: Int) -> String { clients.messages[number]?.token ?? "" }
}

extension CallbackOutcome {
  static func answered(_ body: String) -> CallbackOutcome {
    .answered(status: 200, body: Array(body.utf8))
  }
}
