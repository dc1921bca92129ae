import Foundation
import Larkspur

/// Compares what arrived at the sandbox with what was asked of the queue, and describes each broken
/// promise in a sentence. It shares nothing with Larkspur but the files it reads.
package struct RecordJudge {
  let evidence: Evidence
  private let queue: String
  private let accepted: [Int]
  /// Asks that ended before this are not judged: in a copied queue, another sandbox received their
  /// calls.
  private let since: Int
  private let judges: ((String) -> Bool)?

  /// `accepted` are the ids that enqueuers have printed. If rows are changed by hand, `lanes` tells
  /// which lanes are left alone, and only those are judged.
  package init(
    record: URL, queue: String, accepted: [Int] = [], since: Date = .distantPast,
    lanes judges: ((String) -> Bool)? = nil
  ) throws {
    self.judges = judges
    evidence = try Evidence(record: record, queue: queue) { judges?($0) ?? true }
    self.queue = queue
    self.accepted = accepted
    self.since = Int(since.timeIntervalSince1970 * 1_000)
  }

  func isJudged(_ lane: String) -> Bool { judges?(lane) ?? true }

  /// Whether rows are as Larkspur wrote them.
  var areRowsUnchanged: Bool { judges == nil }

  func delivered(_ kind: String) -> [JudgedAsk] {
    evidence.asks.filter {
      $0.kind == kind && $0.outcome == "delivered" && $0.ended ?? .max > since
    }
  }

  /// Empty if every promise was kept. Each kind of breach is reported a few times, not thousands.
  package func findings() throws -> [String] {
    let chapters: [(String, [String])] = [
      ("database", try damage()), ("P5", unfinishedCalls()), ("P1", tokensTooEarly()),
      ("P2", lostAsks()),
      ("P2", uncoveredAsks()), ("P3", extraPairs()), ("P4", oversizedCalls()),
      ("P4", overspentBudgets()), ("P5", crowdedLanes()), ("P5", changedRepeats()),
      ("P5", disorderedCards()), ("P5", sessionsLeftBehind()),
    ]
    return chapters.flatMap { promise, found in
      found.prefix(3).map { "\(promise): \($0)" }
        + (found.count > 3 ? ["\(promise): and \(found.count - 3) more like that"] : [])
    }
  }

  /// What is wrong with the database, whatever work is left in it.
  package func damage() throws -> [String] {
    let inspector = try Inspector(queue: queue)
    let integrity = try inspector.rows("pragma integrity_check").rows
    let broken = integrity == [[.text("ok")]] ? [] : ["integrity_check: \(integrity)"]
    // A changed row may point anywhere.
    let dangling =
      judges == nil
      ? try inspector.rows("pragma foreign_key_check").rows.map { "foreign_key_check: \($0)" } : []
    let kept = Set(evidence.asks.map(\.id))
    let lost = accepted.filter { !kept.contains($0) }.map { "ask \($0) was accepted and is gone" }
    return broken + dangling + lost
  }
}

/// P1: the server never receives one token twice within five seconds, whatever became of the calls.
extension RecordJudge {
  private static let window_us = 5_000_000

  private func tokensTooEarly() -> [String] {
    var last: [String: Int] = [:]
    var found: [String] = []
    for request in evidence.requests {
      for token in (request.line.preview_tokens ?? []).filter(isJudged) {
        if let before = last[token], request.arrived_us - before < Self.window_us {
          found.append("\(token) came again after \((request.arrived_us - before) / 1_000) ms")
        }
        last[token] = request.arrived_us
      }
    }
    return found
  }
}

/// P4: never too much in one call, and never too many calls.
extension RecordJudge {
  private func oversizedCalls() -> [String] {
    evidence.requests.filter(\.line.isPreview).compactMap { request in
      let tokens = request.line.preview_tokens ?? []
      let people = request.line.open_ids ?? []
      if !(1...10).contains(tokens.count) { return "a call with \(tokens.count) tokens" }
      if people.count > 100 { return "a call with \(people.count) open_ids" }
      if Set(tokens).count < tokens.count { return "a call that names a token twice" }
      return Set(people).count < people.count ? "a call that names an open_id twice" : nil
    }
  }

  private func overspentBudgets() -> [String] {
    let previews = evidence.requests.filter(\.line.isPreview)
    let cards = evidence.requests.filter { $0.line.card != nil }
    let sessions = evidence.requests.filter { $0.line.session != nil }
    let eachCard = Dictionary(grouping: cards) { $0.line.card ?? "" }
    return crowds(previews, of: 5, "previews") + crowds(cards, of: 50, "cards")
      + crowds(sessions, of: 50, "sessions")
      + eachCard.flatMap { crowds($0.value, of: 10, "card \($0.key)") }
  }

  /// More than `limit` calls that arrived within one second.
  private func crowds(_ requests: [Evidence.Request], of limit: Int, _ name: String) -> [String] {
    zip(requests, requests.dropFirst(limit)).compactMap { first, last in
      let span_us = last.arrived_us - first.arrived_us + heldUp_us(first)
      return span_us < 1_000_000
        ? "\(limit + 1) calls of \(name) within \(span_us / 1_000) ms" : nil
    }
  }

  /// How long a busy machine delayed a call on its way. That brings it closer to the next one,
  /// which is not the sender's fault. If unknown, some jitter is assumed.
  private func heldUp_us(_ request: Evidence.Request) -> Int {
    guard let sent = request.call?.sent else { return 100_000 }
    return max(0, request.arrived_us - sent * 1_000)
  }
}

extension Place {
  /// The judge's findings on this place; empty if every promise was kept.
  package func findings(accepted: [Int] = []) throws -> [String] {
    try RecordJudge(record: record, queue: queue, accepted: accepted).findings()
  }
}

/// P2: every accepted ask ends exactly once.
extension RecordJudge {
  private func lostAsks() -> [String] {
    let open = evidence.asks.filter { $0.outcome == nil }.map { "\($0.name) has no end" }
    let dead = evidence.asks.filter { $0.outcome == "dead" }
      .map { "\($0.name) is dead, and nothing asked for was wrong: \($0.reason ?? "")" }
    return open + dead
  }
}
