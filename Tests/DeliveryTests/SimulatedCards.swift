import Delivery
import Foundation

/// Feishu's documented rules for cards and sessions, written from the documentation alone. It
/// shares nothing with the program under test.
final class SimulatedCards {
  /// The elements that each card's applied actions have deleted, in order.
  private(set) var applied: [String: [String]] = [:]
  private(set) var sessions: [String: [String: String]] = [:]
  /// Every body that arrived, by card.
  private(set) var bodies: [String: [String]] = [:]
  /// When calls arrived, to check the limits.
  private(set) var moments: [String: [Int]] = [:]
  private(set) var violations: [String] = []

  var looksAtUUIDFirst = true
  /// A refused batch uses up its uuid and sequence.
  var refusalsCount = false
  /// An update clears the fields that it leaves out.
  var clearsOmittedFields = false
  var badElements: Set<String> = []
  /// Cards that do not exist, and the code that says so.
  var gone: [String: Int] = [:]
  var sequences: [String: Int] = [:]
  private var uuids: [String: Set<String>] = [:]

  static let success = #"{"code":0,"msg":"success","data":{}}"#

  /// Answers as Feishu would; nil for requests to other APIs.
  func answer(_ request: Request, at now: Int) -> (status: Int, body: String)? {
    let parts = request.url.split(separator: "/").map(String.init)
    let body = (try? JSONSerialization.jsonObject(with: Data(request.body))) as? [String: Any]
    if parts.contains("cardkit") {
      note(parts[parts.count - 2], request, at: now)
      return batch(parts[parts.count - 2], body ?? [:])
    }
    if parts.contains("aily") {
      note(parts[parts.count - 1], request, at: now)
      return write(parts[parts.count - 1], body ?? [:])
    }
    return nil
  }

  private func note(_ lane: String, _ request: Request, at now: Int) {
    bodies[lane, default: []].append(String(decoding: request.body, as: UTF8.self))
    moments[lane, default: []].append(now)
    let all = moments.values.flatMap { $0 }
    if all.count(where: { $0 > now - 1_000 }) > 50 { violations.append("50 a second") }
    if all.count(where: { $0 > now - 60_000 }) > 1_000 { violations.append("1,000 a minute") }
    if moments[lane, default: []].count(where: { $0 > now - 1_000 }) > 10,
      request.method == .post
    {
      violations.append("10 a second for \(lane)")
    }
  }

  private func batch(_ card: String, _ body: [String: Any]) -> (Int, String) {
    if let code = gone[card] { return (400, #"{"code":\#(code),"msg":"gone"}"#) }
    guard let sequence = body["sequence"] as? Int, let actions = body["actions"] as? String,
      let list = try? JSONSerialization.jsonObject(with: Data(actions.utf8)) as? [[String: Any]]
    else { return (400, #"{"code":10002,"msg":"bad parameter"}"#) }
    let uuid = body["uuid"] as? String
    let isKnown = uuid.map { uuids[card, default: []].contains($0) } ?? false
    let isStale = sequence <= sequences[card, default: 0]
    let conflict = (400, #"{"code":200770,"msg":"UUID conflict"}"#)
    if looksAtUUIDFirst && isKnown { return conflict }
    if isStale { return (400, #"{"code":300317,"msg":"sequence number compare failed"}"#) }
    if isKnown { return conflict }
    let elements = list.flatMap {
      ($0["params"] as? [String: Any])?["element_ids"] as? [String] ?? []
    }
    let isBad = elements.contains(where: badElements.contains)
    if !isBad || refusalsCount {
      sequences[card] = sequence
      if let uuid { uuids[card, default: []].insert(uuid) }
    }
    if isBad { return (400, #"{"code":300314,"msg":"delete failed"}"#) }
    applied[card, default: []] += elements
    return (200, Self.success)
  }

  private func write(_ session: String, _ body: [String: Any]) -> (Int, String) {
    if clearsOmittedFields { sessions[session] = ["channel_context": "", "metadata": ""] }
    for (field, value) in body { sessions[session, default: [:]][field] = value as? String }
    let fields = (sessions[session] ?? [:]).sorted { $0.key < $1.key }
      .map { #","\#($0.key)":"\#($0.value)""# }.joined()
    return (200, #"{"code":0,"data":{"session":{"id":"\#(session)"\#(fields)}}}"#)
  }
}
