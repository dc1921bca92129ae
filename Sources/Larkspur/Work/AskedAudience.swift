import Planning

/// The audience of an ask, read from its row.
extension WorkerStore {
  /// All users that the body names; for a dead ask that is retried, those who were not reached. The
  /// worker's notes about them count only for users that the body names, because notes may have
  /// been changed by hand.
  func wantedAudience(
    of ask: IncomingAsk
  ) throws(StoreError) -> Result<Audience, UnusableAsk> {
    let named = try audience(namedBy: ask.body)
    guard case .success(.people(let people)) = named, ask.audience != nil || ask.refused != nil,
      let left = try unreached(ask), !left.isEmpty, left.isSubset(of: .people(people))
    else { return named }
    return .success(left)
  }

  /// Nil if the notes cannot be right.
  private func unreached(_ ask: IncomingAsk) throws(StoreError) -> Audience? {
    var left = Audience.nobody
    if let id = ask.audience {
      guard let kept = try storedAudience(id) else { return nil }
      left = kept
    }
    guard let refused = ask.refused else { return left }
    guard let people = try people(in: refused) else { return nil }
    return left.union(.people(people))
  }

  private func audience(
    namedBy body: String
  ) throws(StoreError) -> Result<Audience, UnusableAsk> {
    // Nearly every body looks like one of these two and needs no parser.
    if body == #"{"everyone":true}"# { return .success(.everyone) }
    if let people = Self.plainList(in: body).flatMap(JSONText.plainStrings) {
      return Audience.checked(people)
    }
    let named = try db.first(
      """
      select json_extract(?1, '$.open_ids'), json_type(?1, '$.open_ids'), json_type(?1, '$.everyone')
      where json_valid(?1)
      """, .text(body)
    ) { (row) throws(StoreError) in
      (people: row.text(0), type: row.optionalText(1), everyone: row.optionalText(2))
    }
    switch (named?.type, named?.everyone) {
    case ("array", _):
      guard let people = try people(in: named?.people ?? "") else { return .failure(.openIDs) }
      return Audience.checked(people)
    case (nil, "true"): return .success(.everyone)
    case (nil, _): return .failure(.audience)
    case (_, _): return .failure(.openIDs)
    }
  }

  private static func plainList(in body: String) -> String? {
    let start = #"{"open_ids":"#
    guard body.hasPrefix(start + "["), body.hasSuffix("]}") else { return nil }
    return String(body.dropFirst(start.count).dropLast())
  }
}
