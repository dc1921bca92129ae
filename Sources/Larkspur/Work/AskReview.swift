import Planning

/// Works out what a lane's asks still want after some users were reached or refused. An ask that
/// wants nobody else ends; any other goes on without them. There may be thousands of asks, each for
/// other users, so they are reviewed a part at a time.
package struct AskReview: Sendable {
  fileprivate let asks: CarriedAsks
  fileprivate let account: Int
  /// What the lane wanted: each of its asks wants a part of it.
  fileprivate var wants: Audience
  /// The lane was asked for more since the review began, perhaps by asks that it has passed.
  private(set) var hasGrown = false
  fileprivate let done: Done
  /// Why asks of the lane died, if any did.
  private(set) var trouble: String?

  /// The last ask that was reviewed. Without an id, the asks with a later first call are next.
  fileprivate var place: (firstCall: Int, ask: Int?) = (.min, nil)
  fileprivate var isOver = false
  private var people: Set<String> = []
  private var isForEveryone = false
  /// By the number of an audience, because asks that want the same users end the same way. `left`
  /// is the number of the audience that is left, nil for nobody.
  fileprivate var known: [Int: (Remainder, left: Int?)] = [:]

  init(_ asks: CarriedAsks, account: Int, of wants: Audience, _ done: Done) {
    self.asks = asks
    self.account = account
    self.wants = wants
    self.done = done
  }

  /// The audience that the asks reviewed so far still want; nil for nobody.
  var left: Audience? {
    if isForEveryone { return .everyone }
    if people.isEmpty { return nil }
    guard case .people(let wanted) = wants else { return Audience(of: people) }
    return .people(wanted.filter(people.contains))
  }

  /// The audience that the lane wants afterwards, if nothing else happens to it.
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
  /// Reviews all remaining asks, and returns the audience that they still want; nil for nobody.
  func finish(
    _ review: AskReview, at now: Moment, _ settled: inout Settled
  ) throws(StoreError) -> Audience? {
    var work = 0
    let review = try finish(review, &work, at: now)
    if let trouble = review.trouble { settled.dead.append((review.asks.name, trouble)) }
    return review.left
  }

  /// Reviews all remaining asks, even if that takes more than `work`.
  func finish(
    _ review: AskReview, _ work: inout Int, at now: Moment
  ) throws(StoreError) -> AskReview {
    var (review, most) = (review, Int.max)
    _ = try goOn(&review, &most, at: now)
    work -= Int.max - most
    return review
  }

  /// Reviews the first asks of all lanes of a call with one query. Most lanes have no more asks
  /// than that.
  func begin(
    _ reviews: inout [Int: AskReview], _ work: inout Int, at now: Moment
  ) throws(StoreError) {
    if reviews.isEmpty { return }
    let lanes = reviews.keys.sorted()
    // In the order of the index, because a lane may have a hundred thousand asks to sort.
    let rows = try db.all(
      """
      select id, first_call, audience_id, lane, iif(refused is null, null, ifnull(reason, '')), lane_id
      from ask indexed by asks_of_a_lane
      where lane_id in (select value from json_each(?1)) and outcome is null
      order by lane_id, first_call, id limit ?2
      """, .text(Self.list(lanes)), .int(Self.reviewPage)
    ) { (row) throws(StoreError) in (ask: ReviewedAsk(row), lane: row.int(5)) }
    // The last lane on the page may have more asks, and the lanes behind it were not read.
    let isAll = rows.count < Self.reviewPage
    let seen = isAll ? lanes[...] : lanes.prefix { $0 != rows.last?.lane }
    let asks = Dictionary(grouping: rows, by: \.lane).mapValues { $0.map(\.ask) }
    var ended: [Int] = []
    for lane in seen {
      guard var review = reviews.removeValue(forKey: lane) else { continue }
      review.isOver = try look(
        at: asks[lane, default: []], &review, &work, &ended, at: now)
      reviews[lane] = review
    }
    try deliver(ended, at: now, call: reviews[lanes[0]]?.asks.call)
  }

  /// Continues until `work` is used up; reading a row takes 1 of it. True once all asks have been
  /// reviewed.
  func goOn(
    _ review: inout AskReview, _ work: inout Int, at now: Moment
  ) throws(StoreError) -> Bool {
    while !review.isOver {
      let isInLastRounds = review.place.ask == nil
      let page = try page(of: review)
      var ended: [Int] = []
      let isDone = try look(at: page, &review, &work, &ended, at: now)
      try deliver(ended, at: now, call: review.asks.call)
      if !isDone { return false }
      if page.count == Self.reviewPage { continue }
      review.isOver = isInLastRounds
      review.place.ask = nil
    }
    return true
  }

  private static let reviewPage = 100
  /// Changing a row or reading an audience costs about as much as reading ten rows.
  private static let changeCost = 10
  private static let peoplePerRow = 8

  private struct ReviewedAsk {
    let id: Int
    let firstCall: Int
    let audience: Int?
    /// The name of the lane as the ask gives it.
    let lane: String
    /// Why it can no longer be delivered to all of its users; nil if it can.
    let trouble: String?

    /// Reads the columns id, first_call, audience_id, lane and the trouble.
    init(_ row: borrowing Statement) {
      id = row.int(0)
      firstCall = row.int(1)
      audience = row.optionalInt(2)
      lane = row.text(3)
      trouble = row.optionalText(4).map { $0.isEmpty ? AskChange.partlyRefused : $0 }
    }
  }

  /// The next asks, in the order of the index. Within one first_call SQLite can seek to an id;
  /// across several it would read the whole index, so each case has its own query.
  private func page(of review: AskReview) throws(StoreError) -> [ReviewedAsk] {
    let (lane, firstCall) = (Value.int(review.asks.lane), Value.int(review.place.firstCall))
    guard let last = review.place.ask else {
      return try db.all(
        """
        select id, first_call, audience_id, lane, iif(refused is null, null, ifnull(reason, ''))
        from ask indexed by asks_of_a_lane
        where lane_id = ?1 and outcome is null and first_call > ?2 and first_call <= ?3
        order by first_call, id limit ?4
        """, lane, firstCall, .int(review.asks.callNumber), .int(Self.reviewPage)
      ) { (row) throws(StoreError) in ReviewedAsk(row) }
    }
    return try db.all(
      """
      select id, first_call, audience_id, lane, iif(refused is null, null, ifnull(reason, ''))
      from ask indexed by asks_of_a_lane
      where lane_id = ?1 and outcome is null and first_call = ?2 and id > ?3 order by id limit ?4
      """, lane, firstCall, .int(last), .int(Self.reviewPage)
    ) { (row) throws(StoreError) in ReviewedAsk(row) }
  }

  /// False if `work` was used up before the last ask. Asks that are delivered are added to `ended`.
  private func look(
    at page: [ReviewedAsk], _ review: inout AskReview, _ work: inout Int, _ ended: inout [Int],
    at now: Moment
  ) throws(StoreError) -> Bool {
    for ask in page {
      if work <= 0 { return false }
      // The call decides nothing about asks that came in while it was in flight.
      if ask.firstCall > review.asks.callNumber { return true }
      if ask.lane == review.asks.name {
        try look(at: ask, &review, &work, &ended, at: now)
      }
      work -= 1
      review.place = (ask.firstCall, ask.id)
    }
    return true
  }

  private func look(
    at ask: ReviewedAsk, _ review: inout AskReview, _ work: inout Int, _ ended: inout [Int],
    at now: Moment
  ) throws(StoreError) {
    guard let id = ask.audience, let known = try remainder(id, &review, &work, at: now) else {
      work -= Self.changeCost
      return try foldAgain(ask.id, at: now)
    }
    switch AskChange(known.0, after: review.done, trouble: ask.trouble) {
    case .stays: return
    case .ends(nil, _): ended.append(ask.id)
    case .ends(let trouble?, let refused):
      review.note(trouble)
      try remember(refused: refused, trouble, of: ask)
      try kill(ask, trouble, at: now, call: review.asks.call)
    case .narrows(let refused, let trouble):
      if let trouble { try remember(refused: refused, trouble, of: ask) }
      try db.execute(
        "update ask set audience_id = ? where id = ?", .of(known.left), .int(ask.id))
    }
    work -= Self.changeCost
  }

  /// What is left of an audience; nil if no ask of the lane can want it.
  private func remainder(
    _ id: Int, _ review: inout AskReview, _ work: inout Int, at now: Moment
  ) throws(StoreError) -> (Remainder, left: Int?)? {
    if let known = review.known[id] { return known }
    guard let wanted = try storedAudience(id),
      let remainder = Remainder(of: wanted, in: review.wants, after: review.done)
    else { return nil }
    work -= Self.changeCost + (wanted.count ?? 0) / Self.peoplePerRow
    review.keep(remainder.left)
    var left: Int?
    if remainder.gone.isEmpty {
      left = id
    } else if !remainder.left.isEmpty {
      left = try number(of: remainder.left, account: review.account, at: now)
    }
    review.known[id] = (remainder, left)
    return (remainder, left)
  }

  private func deliver(_ asks: [Int], at now: Moment, call: Int?) throws(StoreError) {
    if asks.isEmpty { return }
    try db.execute(
      """
      update ask set outcome = 'delivered', ended_ms = ?2, call_id = ?3
      where id in (select value from json_each(?1))
      """, .text(Self.list(asks)), .of(now), .of(call))
  }

  private func kill(
    _ ask: ReviewedAsk, _ trouble: String, at now: Moment, call: Int?
  ) throws(StoreError) {
    try db.execute(
      """
      update ask set outcome = 'dead', reason = ?2, audience_id = null, ended_ms = ?3, call_id = ?4
      where id = ?1
      """, .int(ask.id), .text(trouble), .of(now), .of(call))
  }

  private func remember(
    refused: Audience, _ reason: String, of ask: ReviewedAsk
  ) throws(StoreError) {
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
