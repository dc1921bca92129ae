import Foundation

/// P5: one at a time, in order, each once.
extension RecordJudge {
  func unfinishedCalls() -> [String] {
    evidence.calls.filter { $0.ended == nil }.map { "call \($0.id) is under way for ever" }
  }

  /// By the queue's own history, no call on a lane begins before the previous one has an outcome.
  /// By the record, nothing else on the lane arrives while a worker waits for an answer.
  func crowdedLanes() -> [String] {
    var last: [Int: JudgedCall] = [:]
    var found: [String] = []
    // Ids do not tell which lanes are judged, so this is skipped if rows were changed. The record
    // has names.
    for call in evidence.calls where areRowsUnchanged {
      for lane in call.lanes {
        if let before = last[lane], let ended = before.ended, ended > call.started {
          found.append("calls \(before.id) and \(call.id) were under way on lane \(lane) at once")
        }
        last[lane] = call
      }
    }
    var latest: [String: Evidence.Request] = [:]
    for request in evidence.requests where request.line.log_id != "" {
      for lane in request.lanes where lane != "" && isJudged(lane) {
        if let before = latest[lane], before.isAnswerKnown,
          let answered = before.line.answered_us, answered > request.line.arrived_us
        {
          found.append("\(lane) came again before the call before it was answered")
        }
        latest[lane] = request
      }
    }
    return found
  }

  /// While the outcome of a batch is unknown, the same bytes are sent again.
  func changedRepeats() -> [String] {
    cards.flatMap { card, requests in
      zip(requests, requests.dropFirst()).compactMap { before, after in
        before.isAnswerKnown || before.line.body == after.line.body
          ? nil : "card \(card): a batch of unknown fate was not repeated as it was"
      }
    }
  }

  /// A card's batches take effect once each, in the order of the asks.
  func disorderedCards() -> [String] {
    let asked = Dictionary(grouping: delivered("card"), by: \.lane)
    return Set(asked.keys).union(cards.keys).compactMap { card in
      let wanted = asked[card, default: []].flatMap { ask -> [String] in
        if case .actions(let actions) = ask.body { actions } else { [] }
      }
      let applied = cards[card, default: []].filter(\.line.applied)
        .flatMap { Self.actions(in: $0.line.body) }
      if applied == wanted { return nil }
      let place = zip(applied, wanted).prefix { $0 == $1 }.count
      return "card \(card): \(applied.count) actions took effect, \(wanted.count) were asked for, "
        + "and they differ from number \(place) on"
    }
  }

  /// Each field of a session ends with the value of its last ask.
  func sessionsLeftBehind() -> [String] {
    var wanted: [String: [String: String]] = [:]
    for ask in delivered("session") {
      if case .fields(let fields) = ask.body { wanted[ask.lane, default: [:]].merge(fields) { $1 } }
    }
    var reached: [String: [String: String]] = [:]
    for request in evidence.requests where request.line.applied {
      guard let session = request.line.session, isJudged(session) else { continue }
      let body = try? JSONDecoder().decode(
        [String: String].self, from: Data((request.line.body ?? "").utf8))
      reached[session, default: [:]].merge(body ?? [:]) { $1 }
    }
    return wanted.compactMap { session, fields in
      reached[session] == fields ? nil : "\(session) did not end in the last write"
    }
  }

  private var cards: [String: [Evidence.Request]] {
    let all = evidence.requests.filter { $0.line.card.map(isJudged) ?? false }
    return Dictionary(grouping: all) { $0.line.card ?? "" }
  }

  private static func actions(in body: String?) -> [String] {
    struct Batch: Decodable { let actions: String }
    guard let batch = try? JSONDecoder().decode(Batch.self, from: Data((body ?? "").utf8)),
      let list = try? JSONSerialization.jsonObject(with: Data(batch.actions.utf8))
    else { return ["a body that cannot be read: \(body ?? "")"] }
    return JudgedAsk.ordered(list)
  }
}
