/// Previews: everyone who was asked for is reached, and nobody else.
extension RecordJudge {
  /// P2: *delivered* means covered by calls that arrived after the ask was accepted, took effect and
  /// were answered with success.
  func uncoveredAsks() -> [String] {
    var successes: [String: [Evidence.Request]] = [:]
    for request in evidence.requests where request.isSuccess {
      for token in request.line.preview_tokens ?? [] {
        successes[token, default: []].append(request)
      }
    }
    return delivered("preview").compactMap { ask in
      let ended = ask.ended ?? 0
      let calls = successes[ask.lane, default: []].filter {
        $0.arrived + Self.rounding_ms >= ask.asked && $0.arrived <= ended + Self.rounding_ms
      }
      switch ask.body {
      case .everyone:
        let isCovered = calls.contains { $0.line.open_ids == nil }
        return isCovered ? nil : "\(ask.name) counts as delivered, and not everyone was told"
      case .people(let people):
        let missed = missed(people, by: calls)
        return missed == 0 ? nil : "\(ask.name) counts as delivered, and \(missed) were not told"
      case .actions, .fields: return nil
      }
    }
  }

  private func missed(_ people: Set<String>, by calls: [Evidence.Request]) -> Int {
    var left = people
    for call in calls {
      guard let told = call.line.open_ids else { return 0 }
      left.subtract(told)
    }
    return left.count
  }

  /// P3: a user is refreshed only while an ask for that user is open.
  func extraPairs() -> [String] {
    let byLane = Dictionary(grouping: evidence.asks.filter { $0.kind == "preview" }, by: \.lane)
    return evidence.requests.filter(\.line.isPreview).flatMap { request in
      let people = request.line.open_ids
      if people?.isEmpty == true { return ["a call with an empty list of open_ids"] }
      return (request.line.preview_tokens ?? []).filter(isJudged).compactMap { token -> String? in
        let asks = byLane[token, default: []].filter { isOpen($0, at: request.arrived) }
        guard let people else {
          return wantsEveryone(asks) ? nil : "everyone was told of \(token), unasked"
        }
        let extra = Set(people).subtracting(wanted(asks))
        guard let one = extra.first else { return nil }
        return "\(extra.count) were told of \(token), unasked: \(one)"
      }
    }
  }

  private func isOpen(_ ask: JudgedAsk, at moment: Int) -> Bool {
    ask.asked <= moment + Self.rounding_ms
      && ask.ended.map { $0 + Self.rounding_ms >= moment } ?? true
  }

  private func wantsEveryone(_ asks: [JudgedAsk]) -> Bool {
    asks.contains { if case .everyone = $0.body { true } else { false } }
  }

  private func wanted(_ asks: [JudgedAsk]) -> Set<String> {
    var all = Set<String>()
    for ask in asks {
      if case .people(let people) = ask.body, !people.isSubset(of: all) { all.formUnion(people) }
    }
    return all
  }

  /// Clocks are read one after the other and truncated to milliseconds.
  static let rounding_ms = 3
}
