import Delivery
import Foundation
import Planning

/// What arrives at Feishu. It is checked against Feishu's documentation with a parser that is
/// independent of the writer's, and compared with what was asked for.
final class SentCalls {
  /// The users each token was refreshed for, by account and token; "" stands for everyone.
  private(set) var people: [String: Set<String>] = [:]
  /// The actions each card was sent, by account and card, in order.
  private(set) var actions: [String: [Any]] = [:]
  /// The last values each session was sent, by account and session.
  private(set) var fields: [String: [String: String]] = [:]

  static let success = Outcome.answered(RawAnswer(status: 200, body: Array(#"{"code":0}"#.utf8)))
  static let accessToken = Outcome.answered(
    RawAnswer(
      status: 200, body: Array(#"{"code":0,"tenant_access_token":"t-1","expire":7200}"#.utf8)))

  static func isForToken(_ request: Request) -> Bool { request.url.contains("/open-apis/auth/") }

  /// Takes a call as Feishu does. `isApplied` tells whether the call has an effect.
  func take(_ request: Request, isApplied: Bool) {
    let parts = request.url.components(separatedBy: "/")
    expect(request.url.unicodeScalars.allSatisfy { (0x21...0x7E).contains($0.value) }, request.url)
    guard
      let object = try? JSONSerialization.jsonObject(with: Data(request.body)),
      let body = object as? [String: Any], parts.count > 6
    else { fatalError("not JSON is sent: \(String(decoding: request.body, as: UTF8.self))") }
    let account = parts[2]
    switch parts[4] {
    case "im": takePreviews(body, account, isApplied)
    case "cardkit":
      let card = parts[parts.count - 2].removingPercentEncoding ?? ""
      takeBatch(body, "\(account)/\(card)", isApplied)
    case "aily":
      let session = parts[parts.count - 1].removingPercentEncoding ?? ""
      takeSession(body, "\(account)/\(session)", isApplied)
    default: fatalError("nobody knows \(request.url)")
    }
  }

  private func takePreviews(_ body: [String: Any], _ account: String, _ isApplied: Bool) {
    let tokens = body["preview_tokens"] as? [String] ?? []
    expect((1...10).contains(tokens.count), "\(tokens.count) tokens in a call")
    expect(Set(tokens).count == tokens.count, "a token twice in a call")
    let ids = body["open_ids"] as? [String]
    expect((ids == nil) == (body["open_ids"] == nil), "open_ids are no list of strings")
    if let ids {
      expect((1...100).contains(ids.count), "\(ids.count) people in a call")
      expect(!ids.contains(""), "an empty open_id")
    }
    guard isApplied else { return }
    for token in tokens { people["\(account)/\(token)", default: []].formUnion(ids ?? [""]) }
  }

  private func takeBatch(_ body: [String: Any], _ card: String, _ isApplied: Bool) {
    let uuid = body["uuid"] as? String ?? ""
    expect((1...64).contains(uuid.unicodeScalars.count), "a uuid of \(uuid.count) characters")
    let sequence = body["sequence"] as? Int ?? 0
    expect((1...2_147_483_647).contains(sequence), "the sequence \(sequence)")
    let text = body["actions"] as? String ?? ""
    expect((1...1_000_000).contains(text.utf8.count), "actions of \(text.utf8.count) bytes")
    let list = (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [Any]
    expect(list?.isEmpty != true, "a batch of nothing")
    if isApplied { actions[card, default: []] += list ?? [] }
  }

  private func takeSession(_ body: [String: Any], _ session: String, _ isApplied: Bool) {
    let fields = body as? [String: String] ?? [:]
    expect(!fields.isEmpty, "nothing is written")
    for (name, value) in fields {
      expect(["channel_context", "metadata"].contains(name), "the field \(name) is written")
      expect(value.unicodeScalars.count <= 255, "a field of \(value.unicodeScalars.count)")
    }
    if isApplied { self.fields[session, default: [:]].merge(fields) { $1 } }
  }
}
