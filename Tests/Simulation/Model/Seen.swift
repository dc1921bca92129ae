/// What was seen: which previews show what, and who has looked at them, as far as the programs that
/// recorded it or had it forgotten were told that this is on disk.
struct Seen {
  /// By what is shown, then by preview.
  private(set) var previews = Ledger()
  /// By preview, then by user.
  private(set) var viewers = Ledger()

  struct Ledger {
    private(set) var spans: [String: [String: [Span]]] = [:]

    /// From when until when a member belongs to something, in the judge's order.
    struct Span {
      let from: Int
      var to: Int?
      /// False if nobody knows whether it is on disk, or was forgotten.
      let isCertain: Bool
      /// When it was last seen.
      var lastAt: Int
    }
  }

  /// When a preview was seen for the first time, in the judge's order.
  func firstSeen(_ preview: String) -> Int {
    previews.spans.values.compactMap { $0[preview]?.first?.from }.min() ?? .max
  }

  mutating func record(_ sighting: SeenPreview, isCertain: Bool, order: Int, at now: Int) {
    let preview = sighting.lane
    let url = sighting.url.map { sighting.shown(.url, $0) }
    if let url {
      // A preview has the URL that it was last seen with.
      for other in previews.names(of: preview) where other.contains(" url ") && other != url {
        previews.end(other, preview, isCertain: isCertain, order: order)
      }
    }
    for name in sighting.keys.map({ sighting.shown(.key, $0) }) + (url.map { [$0] } ?? []) {
      previews.begin(name, preview, isCertain: isCertain, order: order, at: now)
    }
    if let person = sighting.person {
      viewers.begin(preview, person, isCertain: isCertain, order: order, at: now)
    }
  }

  mutating func forget(_ what: Oblivion, isCertain: Bool, order: Int) {
    switch what {
    case .preview(let account, let token):
      forget("\(account) preview \(token)", isCertain: isCertain, order: order)
    case .key(let account, let name):
      let key = "\(account) key \(name)"
      for preview in previews.members(of: key) {
        let others = previews.names(of: preview).filter { $0.contains(" key ") && $0 != key }
        if others.isEmpty { forget(preview, isCertain: isCertain, order: order) }
        previews.end(key, preview, isCertain: isCertain, order: order)
      }
    case .viewer(let person):
      for preview in viewers.names(of: person) {
        viewers.end(preview, person, isCertain: isCertain, order: order)
      }
    }
  }

  private mutating func forget(_ preview: String, isCertain: Bool, order: Int) {
    for name in previews.names(of: preview) {
      previews.end(name, preview, isCertain: isCertain, order: order)
    }
    for person in viewers.members(of: preview) {
      viewers.end(preview, person, isCertain: isCertain, order: order)
    }
  }
}

extension Seen.Ledger {
  /// Everything that the member belongs to now, or may belong to.
  func names(of member: String) -> [String] {
    spans.filter { $0.value[member]?.last.map { $0.to == nil } ?? false }.map(\.key).sorted()
  }

  /// The members that something has now, or may have.
  func members(of name: String) -> [String] {
    (spans[name] ?? [:]).filter { $0.value.last.map { $0.to == nil } ?? false }.map(\.key).sorted()
  }

  /// Every member that something has ever had.
  func everMembers(of name: String) -> [String] { (spans[name] ?? [:]).keys.sorted() }

  func spans(of name: String, _ member: String) -> [Span] { spans[name]?[member] ?? [] }

  mutating func begin(
    _ name: String, _ member: String, isCertain: Bool, order: Int, at now: Int
  ) {
    var known = spans(of: name, member)
    if let last = known.last, last.to == nil {
      if last.isCertain || !isCertain {
        if isCertain { known[known.count - 1].lastAt = now }
        return spans[name, default: [:]][member] = known
      }
      known[known.count - 1].to = order
    }
    known.append(Span(from: order, isCertain: isCertain, lastAt: now))
    spans[name, default: [:]][member] = known
  }

  /// If it is uncertain, the member may still belong to it.
  mutating func end(_ name: String, _ member: String, isCertain: Bool, order: Int) {
    var known = spans(of: name, member)
    guard let last = known.last, last.to == nil else { return }
    known[known.count - 1].to = order
    if !isCertain { known.append(Span(from: order, isCertain: false, lastAt: last.lastAt)) }
    spans[name]?[member] = known
  }
}

extension Seen.Ledger.Span {
  /// What was not seen for 30 days may be forgotten. Days are counted by a clock that may be off.
  func isOld(at now: Int) -> Bool { now - lastAt > 28 * 86_400_000 }

  /// At some moment between these it belonged, or may have belonged.
  func meets(_ since: Int, _ until: Int) -> Bool { from <= until && to ?? .max >= since }
}

extension SeenPreview {
  /// The lane of the preview.
  var lane: String { "\(account) preview \(token)" }

  func shown(_ kind: Wish.Kind, _ name: String) -> String { "\(account) \(kind.rawValue) \(name)" }
}
