/// What the judge knows about an ask by key or URL, besides what it knows about every ask.
struct ShownRecord {
  /// Its previews must be refreshed by calls that are claimed later: since it was accepted, or last
  /// retried.
  var since: Int
  /// The previews that a dead ask listed when it was retried. Nil if it never was.
  var retried: Set<String>?
  /// The commit after which it was first seen in the queue's hands; nil before.
  var taken: Int?
  /// When that was.
  var takenAt: Int?
  /// What had been seen by then, by preview token.
  var parts: [String: Part] = [:]
  /// Parts of earlier asks by the same key that were not done by then. It waits for these too, whether
  /// the earlier asks end or not.
  var inherited: [Wait] = []
  /// Previews that the ask says were not refreshed, with the commit after which it said so.
  var listed: [String: Int] = [:]
  var ended: Int?
  /// Since when it has had nothing to wait for, and in which run that was noticed.
  var idle: (run: Int, at: Int)?

  struct Wait {
    let owner: Int
    let token: String
    let part: Part
    let since: Int
    let taken: Int
  }

  /// One preview. Each is judged as if it had been asked for by itself.
  struct Part {
    /// It had surely been seen before, so it must be refreshed; and for whom at least. Nobody means
    /// that any audience will do.
    let must: AskRecord?
    /// For whom it may be refreshed.
    let people: Set<String>
    let mayBeForEveryone: Bool
    /// Exactly for whom it is to be refreshed, if that is known.
    let isExact: Bool
  }
}

extension Judge {
  /// What an ask stands for when it is taken up, which is after the commit `taken`. If that was noticed
  /// only later, more may have been seen or forgotten meanwhile.
  func parts(
    of ask: AskRecord, _ shown: ShownRecord, taken: Int, isSure: Bool, at now: Int
  ) -> [String: ShownRecord.Part] {
    var parts: [String: ShownRecord.Part] = [:]
    let prefix = "\(ask.wish.account) preview "
    let previews = seen.previews
    let lanes = shown.retried?.map { prefix + $0 } ?? previews.everMembers(of: ask.wish.key)
    for lane in lanes {
      let spans = previews.spans(of: ask.wish.key, lane)
      let isWhole = spans.contains { $0.isWhole(shown.since, taken, at: now) }
      let isOpen = spans.contains { $0.to == nil }
      if shown.retried == nil, !isOpen {
        // It was forgotten before.
        if isSure || !spans.contains(where: { $0.meets(shown.since, taken) }) { continue }
      }
      let isKnown = spans.last.map { $0.isCertain && !$0.isOld(at: now) } ?? false
      parts[String(lane.dropFirst(prefix.count))] = part(
        ask, lane, shown, taken: taken,
        isRequired: shown.retried != nil || isWhole && !ask.isDoubtful,
        isExact: isSure && (shown.retried != nil || isKnown && isOpen), at: now)
    }
    return parts
  }

  private func part(
    _ ask: AskRecord, _ lane: String, _ shown: ShownRecord, taken: Int, isRequired: Bool,
    isExact: Bool, at now: Int
  ) -> ShownRecord.Part {
    let reach = reach(ask, lane, since: shown.since, taken: taken, at: now)
    let token = lane.split(separator: " ").last.map(String.init) ?? ""
    let wish = Wish(account: ask.wish.account, what: .preview(token, people: reach.least))
    var must = AskRecord(
      id: ask.id, wish: wish, accepted: shown.since, acceptedAt: ask.acceptedAt)
    must.folded = taken
    must.retried = ask.retried
    return ShownRecord.Part(
      must: isRequired ? must : nil, people: reach.most, mayBeForEveryone: reach.mayBeForEveryone,
      isExact: isExact && reach.isExact)
  }

  private struct Reach {
    var least: [String]?
    var most: Set<String> = []
    var mayBeForEveryone = true
    var isExact = true
  }

  /// A preview that nobody, or more than a hundred users, have looked at is refreshed for everyone.
  private func reach(
    _ ask: AskRecord, _ lane: String, since: Int, taken: Int, at now: Int
  ) -> Reach {
    guard case .shown(_, _, .viewers) = ask.wish.what else { return Reach() }
    var least: [String] = []
    var certain: Set<String> = []
    var most: Set<String> = []
    var isExact = true
    for person in seen.viewers.everMembers(of: lane) {
      let spans = seen.viewers.spans(of: lane, person)
      if spans.contains(where: { $0.isWhole(since, taken, at: now) }) { least.append(person) }
      guard spans.contains(where: { $0.meets(since, taken) }) else { continue }
      most.insert(person)
      guard let last = spans.last, last.to == nil else { continue }
      if last.isCertain, !last.isOld(at: now) {
        certain.insert(person)
      } else {
        isExact = false
      }
    }
    if isExact {
      let isEveryone = certain.isEmpty || certain.count > 100
      return Reach(
        least: isEveryone ? nil : least, most: isEveryone ? [] : certain,
        mayBeForEveryone: isEveryone, isExact: true)
    }
    return Reach(
      least: most.isEmpty ? nil : least, most: most,
      mayBeForEveryone: certain.isEmpty || most.count > 100, isExact: false)
  }
}

extension Seen.Ledger.Span {
  /// It surely belonged from before the one moment until after the other.
  fileprivate func isWhole(_ since: Int, _ taken: Int, at now: Int) -> Bool {
    isCertain && from < since && to ?? .max > taken && !isOld(at: now)
  }
}
