import Planning

/// What a lane's asks still want once some people are done with: an ask that wants nobody else ends, any
/// other goes on without them. There may be thousands of asks, each for somebody else, so they are gone
/// through a part at a time.
package struct AskReview: Sendable {
  enum Done: Sendable {
    case reached(Audience)
    case refused(Audience, reason: String)

    fileprivate var people: Audience {
      switch self {
      case .reached(let people), .refused(let people, _): people
      }
    }
  }

  fileprivate let asks: CarriedAsks
  fileprivate let account: Int
  /// What the lane wanted: each of its asks wants a part of it.
  fileprivate var wants: Audience
  /// More was asked for since it began, perhaps by asks that it has passed.
  private(set) var hasGrown = false
  fileprivate let done: Done
  fileprivate let endsAll: Bool
  /// Why asks of it are dead, if any are: not all of their people were reached.
  private(set) var trouble: String?

  /// The last ask that was looked at; without its number, the rounds after its own come next.
  fileprivate var place: (round: Int, ask: Int?) = (.min, nil)
  fileprivate var isOver = false
  private var people: Set<String> = []
  private var isForEveryone = false
  /// By the number of an audience: asks that want the same end the same.
  fileprivate var known: [Int: Remainder] = [:]

  fileprivate struct Remainder {
    /// The number of those who are left; nil for nobody.
    let number: Int?
    let gone: Audience
  }

  init(_ asks: CarriedAsks, account: Int, of wants: Audience, _ done: Done) {
    self.asks = asks
    self.account = account
    self.wants = wants
    self.done = done
    endsAll = if case .reached(let people) = done { wants.isSubset(of: people) } else { false }
  }

  /// Whom the asks that were gone through still want; nil for nobody.
  var left: Audience? {
    if isForEveryone { return .everyone }
    if people.isEmpty { return nil }
    guard case .people(let wanted) = wants else { return Audience(of: people) }
    return .people(wanted.filter(people.contains))
  }

  /// Whom the lane wants afterwards, if it is all that happens to it.
  var rest: Audience { wants.subtracting(done.people) }

  mutating func goOn(with wants: Audience) {
    if wants == self.wants { return }
    self.wants = wants
    hasGrown = true
  }

  fileprivate mutating func keep(_ rest: Audience) {
    guard case .people(let some) = rest else {
      isForEveryone = true
      return
    }
    people.formUnion(some)
  }

  fileprivate mutating func note(_ trouble: String) { self.trouble = self.trouble ?? trouble }
}

extension WorkerStore {
  /// Goes through all asks that are left, and answers whom they want; nil for nobody.
  func finish(
    _ review: AskReview, at now: Moment, _ settled: inout Settled
  ) throws(SQLiteError) -> Audience? {
    var work = 0
    let review = try finish(review, &work, at: now)
    if let trouble = review.trouble { settled.dead.append((review.asks.name, trouble)) }
    return review.left
  }

  /// Goes through all asks that are left, whatever it takes.
  func finish(
    _ review: AskReview, _ work: inout Int, at now: Moment
  ) throws(SQLiteError) -> AskReview {
    var (review, most) = (review, Int.max)
    _ = try goOn(&review, &most, at: now)
    work -= Int.max - most
    return review
  }

  /// Goes on until `work` is used up, of which a row that is read takes one. True once all asks have been
  /// gone through.
  func goOn(
    _ review: inout AskReview, _ work: inout Int, at now: Moment
  ) throws(SQLiteError) -> Bool {
    while !review.isOver {
      let isInLastRounds = review.place.ask == nil
      let page = try page(of: review)
      for ask in page {
        if work <= 0 { return false }
        if ask.isInPlace { try look(at: ask, &review, &work, at: now) }
        work -= 1
        review.place = (ask.round, ask.id)
      }
      if page.count == Self.reviewPage { continue }
      review.isOver = isInLastRounds
      review.place.ask = nil
    }
    return true
  }

  private static let reviewPage = 100
  /// A row that is changed, or an audience that is read, costs about as much as ten rows that are read.
  private static let changeCost = 10
  private static let peoplePerRow = 8

  private struct ReviewedAsk {
    let id: Int
    let round: Int
    let audience: Int?
    let isInPlace: Bool
    /// Why it cannot be delivered any more, to all of its people.
    let trouble: String?
  }

  /// In the order of the index, which SQLite finds an id by where the round is known, and goes through all of
  /// where it is not.
  private func page(of review: AskReview) throws(SQLiteError) -> [ReviewedAsk] {
    let (lane, name) = (Value.int(review.asks.lane), Value.text(review.asks.name))
    let (round, limit) = (Value.int(review.place.round), Value.int(Self.reviewPage))
    guard let last = review.place.ask else {
      return try db.all(
        """
        select id, round, audience_id, lane = ?2, iif(refused is null, null, ifnull(reason, ''))
        from ask indexed by asks_of_a_lane
        where lane_id = ?1 and outcome is null and round > ?3 and round <= ?4
        order by round, id limit ?5
        """, lane, name, round, .int(review.asks.round), limit, body: Self.reviewed)
    }
    return try db.all(
      """
      select id, round, audience_id, lane = ?2, iif(refused is null, null, ifnull(reason, ''))
      from ask indexed by asks_of_a_lane
      where lane_id = ?1 and outcome is null and round = ?3 and id > ?4 order by id limit ?5
      """, lane, name, round, .int(last), limit, body: Self.reviewed)
  }

  private static func reviewed(_ row: borrowing Statement) throws(SQLiteError) -> ReviewedAsk {
    ReviewedAsk(
      id: row.int(0), round: row.int(1), audience: row.optionalInt(2), isInPlace: row.bool(3),
      trouble: row.optionalText(4).map { $0.isEmpty ? Self.partlyRefused : $0 })
  }

  private static let partlyRefused = "refused for some of its open_ids, see the column refused"

  private func look(
    at ask: ReviewedAsk, _ review: inout AskReview, _ work: inout Int, at now: Moment
  ) throws(SQLiteError) {
    guard let id = ask.audience, let remainder = try remainder(id, &review, &work, at: now) else {
      // It was changed by hand: nobody is refreshed because of that.
      work -= Self.changeCost
      return try foldAgain(ask.id, at: now)
    }
    if remainder.gone.isEmpty { return }
    var trouble = ask.trouble
    if case .refused(_, let reason) = review.done {
      let partly = "\(Self.partlyRefused): \(reason)"
      try remember(refused: remainder.gone, partly, of: ask)
      trouble = partly
    }
    guard let left = remainder.number else {
      return try end(ask, trouble, &review, &work, at: now)
    }
    work -= Self.changeCost
    try db.execute("update ask set audience_id = ? where id = ?", .int(left), .int(ask.id))
  }

  /// What is left of an audience; nil if no ask of the lane can want it.
  private func remainder(
    _ id: Int, _ review: inout AskReview, _ work: inout Int, at now: Moment
  ) throws(SQLiteError) -> AskReview.Remainder? {
    if let known = review.known[id] { return known }
    guard let wanted = try storedAudience(id), !wanted.isEmpty,
      wanted == review.wants || wanted.isSubset(of: review.wants)
    else { return nil }
    work -= Self.changeCost + (wanted.count ?? 0) / Self.peoplePerRow
    let rest = review.endsAll ? .nobody : wanted.subtracting(review.done.people)
    review.keep(rest)
    let remainder: AskReview.Remainder =
      if rest.isEmpty { .init(number: nil, gone: wanted) } else if rest == wanted {
        .init(number: id, gone: .nobody)
      } else {
        .init(
          number: try number(of: rest, account: review.account, at: now),
          gone: wanted.subtracting(rest))
      }
    review.known[id] = remainder
    return remainder
  }

  /// One of whom somebody was refused has not been delivered, although all others were reached.
  private func end(
    _ ask: ReviewedAsk, _ trouble: String?, _ review: inout AskReview, _ work: inout Int,
    at now: Moment
  ) throws(SQLiteError) {
    work -= Self.changeCost
    if let trouble { review.note(trouble) }
    try db.execute(
      """
      update ask set outcome = iif(?2 is null, 'delivered', 'dead'), reason = ifnull(?2, reason),
        audience_id = iif(?2 is null, audience_id, null), ended_ms = ?3, call_id = ?4
      where id = ?1
      """, .int(ask.id), .of(trouble), .of(now), .of(review.asks.call))
  }

  private func remember(
    refused: Audience, _ reason: String, of ask: ReviewedAsk
  ) throws(SQLiteError) {
    guard case .people(let people) = refused else { return }
    for person in people {
      try db.execute(
        """
        update ask set reason = ?3,
          refused = json_insert(
            case when refused is null or not json_valid(refused) then '[]' else refused end,
            '$[#]', ?2)
        where id = ?1
        """, .int(ask.id), .text(person), .text(reason))
    }
  }
}
