/// By when something has to have happened, in histories that are made so that it can be told.
extension Judge {
  /// Nothing is in the way any more, and has not been for as long as any pause may take. `spared` are
  /// lanes that are refused for ever.
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

  /// It would be refused, or waits in its lane for what would be, and nothing may die: five have, and
  /// nothing has succeeded since.
  func isHopeless(_ ask: AskRecord) -> Bool {
    guard deaths.sinceSuccess(ask.wish.channel) >= Deaths.most else { return false }
    return ask.wish.isBad
      || asks.values.contains { $0.end == nil && $0.wish.isBad && $0.wish.key == ask.wish.key }
  }

  /// A call in twenty was refused, whatever was in it: at most one lane of a channel has paid for it, the
  /// one that was alone in the queue, and nobody is taken for refused who is not.
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

  /// What is malformed, and alone in the queue, is told so within seconds.
  func checkLonely(at now: Int) {
    guard setup.theme == .lonely else { return }
    for ask in asks.values.sorted(by: { $0.id < $1.id }) where ask.wish.isBad {
      let before = asks.values.filter { $0.id < ask.id && $0.wish.channel == ask.wish.channel }
      // Two in a row may be an outage.
      if before.max(by: { $0.id < $1.id })?.wish.isBad == true { continue }
      let least = max(ask.acceptedAt, firstRunAt ?? now)
      let span = (deaths.moments[ask.id] ?? now) - least
      // After another one has been refused it takes some tries, 5 s apart, to tell it from an outage.
      let tries = before.contains(where: { $0.wish.isBad }) ? 5 : 1
      if span > 5_000 + tries * (5_000 + 3 * slowestCall_ms) {
        blame("P8", "\(ask.wish.lane) is malformed, and died after \(span) ms", at: now)
      }
    }
  }
}
