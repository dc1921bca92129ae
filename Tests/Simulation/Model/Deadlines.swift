/// Deadlines, in histories that are made so that they can be known.
extension Judge {
  /// Nothing has been in the way for longer than any pause may take, so everything must be
  /// delivered. `spared` are lanes that are still refused.
  func checkDelivered(_ rows: [AskRow], within: Int?, but spared: Set<String>, at now: Int) {
    look(rows, at: now)
    for row in rows {
      guard let ask = asks[row.id], !spared.contains(ask.wish.lane) else { continue }
      let what = "ask \(row.id) for \(ask.wish.lane)"
      let began = max(ask.acceptedAt, firstRunAt ?? now)
      if row.end == nil, !isHopeless(ask) {
        blame(
          within == nil ? "P8" : "P7",
          "\(what) has waited for \(now - began) ms, and nothing is in its way", at: now)
      }
      if let within, row.end == .delivered, let done = deliveredAt(ask), done - began > within {
        blame("P7", "\(what) took \(done - began) ms", at: now)
      }
    }
  }

  /// The ask would be refused, or waits in its lane behind one that would be, and the channel may
  /// have no more deaths: five have died and nothing has succeeded since.
  func isHopeless(_ ask: AskRecord) -> Bool {
    // An ask by key says what died of it only when it ends, so what was refused alone counts.
    guard
      deaths.sinceSuccess(ask.wish.channel) >= Deaths.most
        || !shown.isEmpty && refusedSinceSuccess(ask.wish.channel) >= Deaths.most
    else { return false }
    if ask.wish.isByKey {
      return shown[ask.id]?.parts.contains { token, part in
        part.asked(ask, token).wish.isBad
          || isBad(lane: "\(ask.wish.account) preview \(token)", token)
      } ?? false
    }
    return ask.wish.isBad || isBad(lane: ask.wish.key, ask.wish.lane)
  }

  /// How many lanes were refused alone since the last success.
  private func refusedSinceSuccess(_ channel: String) -> Int {
    let last = deaths.channel(channel).successes.last?.order ?? 0
    let refused = calls.filter { call in
      guard case .refused = call.result else { return false }
      return call.called.channel == channel && call.answered > last && call.called.lanes.count == 1
    }
    return Set(refused.map { $0.called.lanes[0] }).count
  }

  /// Something that waits in the lane would be refused.
  private func isBad(lane key: String, _ token: String) -> Bool {
    asks.values.contains { ask in
      if ask.end != nil { return false }
      if ask.wish.key == key { return ask.wish.isBad }
      guard "\(ask.wish.account) preview \(token)" == key else { return false }
      return shown[ask.id]?.parts[token]?.asked(ask, token).wish.isBad ?? false
    }
  }

  /// One call in twenty was refused regardless of its content. At most one lane of a channel may
  /// die of it, the one that was alone in the queue, and only users who really are refused may be
  /// listed as refused.
  func checkLuck(_ refusedPeople: [String], at now: Int) {
    guard setup.theme == .unlucky else { return }
    let dead = deaths.seen.compactMap { asks[$0]?.wish }.filter { !$0.isBad }
    for (channel, wishes) in Dictionary(grouping: dead, by: \.channel) {
      let lanes = Set(wishes.map(\.key))
      if lanes.count < 2 { continue }
      blame("P8", "\(lanes.count) healthy lanes of \(channel) are dead: \(lanes.sorted())", at: now)
    }
    if let person = refusedPeople.first(where: { !$0.hasPrefix("ou_bad") }) {
      blame("P8", "\(person) is taken for refused", at: now)
    }
  }

  /// A malformed ask that is alone in the queue dies within seconds.
  func checkLonely(at now: Int) {
    guard setup.theme == .lonely else { return }
    for ask in asks.values.sorted(by: { $0.id < $1.id }) where ask.wish.isBad {
      let before = asks.values.filter { $0.id < ask.id && $0.wish.channel == ask.wish.channel }
      // Two refusals in a row may be an outage.
      if before.max(by: { $0.id < $1.id })?.wish.isBad == true { continue }
      let least = max(ask.acceptedAt, firstRunAt ?? now)
      let span = (deaths.moments[ask.id] ?? now) - least
      // If another ask was refused before, it takes several tries, 5 s apart, to tell this from an
      // outage.
      let tries = before.contains(where: { $0.wish.isBad }) ? 5 : 1
      if span > 5_000 + tries * (5_000 + 3 * slowestCall_ms) {
        blame("P8", "\(ask.wish.lane) is malformed, and died after \(span) ms", at: now)
      }
    }
  }
}
