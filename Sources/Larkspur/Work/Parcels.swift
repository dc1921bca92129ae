import Planning

/// Parcels, and the asks that wait to be packed, on disk.
extension WorkerStore {
  func parcel(of lane: Int) throws(StoreError) -> Parcel? {
    let row = try db.first(
      """
      select asks, fields, body, uncertain, name_given, number_given, renumbered, renamed, waits
      from parcel where lane_id = ?
      """, .int(lane)
    ) { (row) throws(StoreError) in
      (
        asks: row.text(0), fields: row.text(1), body: row.text(2), uncertain: row.bool(3),
        nameGiven: row.bool(4), numberGiven: row.bool(5), renumbered: row.count(6),
        renamed: row.count(7), waits: row.count(8)
      )
    }
    guard let row else { return nil }
    let asks = try db.all("select value from json_each(?)", .text(row.asks)) {
      (row) throws(StoreError) in row.int(0)
    }
    var parcel = Parcel(asks: asks, fields: try fields(in: row.fields), body: row.body)
    parcel.isUncertain = row.uncertain
    parcel.isNameGiven = row.nameGiven
    parcel.isNumberGiven = row.numberGiven
    parcel.renumbered = row.renumbered
    parcel.renamed = row.renamed
    parcel.waits = row.waits
    return parcel
  }

  /// A parcel that was never sent has no bytes yet and is stored with an empty body.
  func put(_ parcel: Parcel?, of lane: Int) throws(StoreError) {
    guard let parcel else {
      return try db.execute("delete from parcel where lane_id = ?", .int(lane))
    }
    try db.execute(
      """
      insert or replace into parcel (lane_id, asks, fields, body, uncertain, name_given,
        number_given, renumbered, renamed, waits)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, .int(lane), .text(Self.list(parcel.asks)), .text(JSONText.object(parcel.fields)),
      .text(parcel.body ?? ""), .of(parcel.isUncertain), .of(parcel.isNameGiven),
      .of(parcel.isNumberGiven), .int(parcel.renumbered), .int(parcel.renamed),
      .int(parcel.waits))
  }

  static func list(_ ids: [Int]) -> String {
    "[\(ids.map(String.init).joined(separator: ","))]"
  }

  /// The members of a JSON object; none if the text is not JSON.
  func fields(in object: String) throws(StoreError) -> Fields {
    var fields = Fields()
    try db.each(
      "select key, value, type from json_each(iif(json_valid(?1), ?1, '{}'))", .text(object)
    ) { (row) throws(StoreError) in
      fields[row.text(0)] =
        switch row.text(2) {
        case "integer": .number(row.int(1))
        case "text": .text(row.text(1))
        // SQLite gives their values as numbers or NULL.
        case "true", "false", "null": .json(row.text(2))
        default: .json(row.text(1))
        }
    }
    return fields
  }

  /// An ask that waits in a lane, as read from its row.
  struct WaitingRow {
    let id: Int
    let firstCall: Int
    let asked: Moment
    let body: String
    let wasSent: Bool
    /// Whether it names the lane it is in, and the lane's account if that is known.
    let isInPlace: Bool
  }

  /// Asks that wait in a lane, in the order in which they joined it, as many as one call needs.
  /// Bodies may be large, so only a few are read at first.
  func waitingAsks(of lane: Int, limit: Int) throws(StoreError) -> [WaitingRow] {
    var asks: [WaitingRow] = []
    var bytes = 0
    while asks.count < limit && bytes < Card.actionsLength {
      let count = min(max(1, asks.count), limit - asks.count)
      let last = asks.last
      let more = try db.all(
        """
        select id, first_call, asked_ms, body, call_id is not null,
          (select name from lane where id = ?1) = lane and (select kind from lane where id = ?1) = kind
            and ifnull((select account.name from lane join account on account.id = account_id
              where lane.id = ?1), account) = account
        from ask indexed by asks_of_a_lane
        where lane_id = ?1 and outcome is null and (first_call, id) > (?2, ?3)
        order by first_call, id limit ?4
        """, .int(lane), .int(last?.firstCall ?? .min), .int(last?.id ?? .min), .int(count)
      ) { (row) throws(StoreError) in
        WaitingRow(
          id: row.int(0), firstCall: row.int(1), asked: self.clocks.queue(row.wallMoment(2)),
          body: row.text(3), wasSent: row.bool(4), isInPlace: row.bool(5))
      }
      asks += more
      bytes += more.reduce(0) { $0 + $1.body.utf8.count }
      if more.count < count { break }
    }
    return asks
  }

  func hasWaitingAsks(_ lane: Int) throws(StoreError) -> Bool {
    try db.first(
      "select 1 from ask indexed by asks_of_a_lane where lane_id = ? and outcome is null limit 1",
      .int(lane)
    ) { (row) throws(StoreError) in true } ?? false
  }

  /// Updates what a lane has from its open asks: since when it waits, from the first; when it must be
  /// checked, from the next that expires; whether any is urgent; and the turn of its parts, if it has
  /// nothing else. There may be thousands of asks, so indexes answer, and the parts, which are few,
  /// come first. An ask that Feishu may have applied does not expire.
  func refreshTimes(of lane: Int) throws(StoreError) {
    try db.execute(
      """
      update lane set
        since_ms = (
          select min(max(asked_ms, 0), 253402300799000) - ?2 from ask indexed by asks_of_a_lane
          where lane_id = ?1 and outcome is null order by first_call, id limit 1),
        expires_ms = iif(expires_ms = 0, 0, (
          select expires_ms from ask indexed by asks_that_expire
          where lane_id = ?1 and expires_ms is not null and outcome is null and id not in (
            select packed.value from parcel, json_each(parcel.asks) as packed
            where parcel.lane_id = ?1 and uncertain)
          order by expires_ms limit 1)),
        urgent = exists (
          select 1 from ask indexed by asks_urgent
          where lane_id = ?1 and urgent = 1 and outcome is null),
        spread_ms = iif(
          exists (
            select 1 from ask indexed by asks_of_a_lane
            where lane_id = ?1 and outcome is null and spread_ms = 0),
          0, ifnull((
            select min(spread_ms) from ask indexed by asks_of_a_lane
            where lane_id = ?1 and outcome is null), 0))
      where id = ?1
      """, .int(lane), .int(clocks.skew))
  }

  /// Ends asks that a parcel carried, or that never made it into one.
  func end(
    _ asks: [Int], _ outcome: String, reason: String?, call: Int?, at now: Moment
  ) throws(StoreError) {
    for ask in asks {
      try db.execute(
        """
        update ask set outcome = ?2, reason = ?3, ended_ms = ?4, call_id = ?5
        where id = ?1 and outcome is null
        """, .int(ask), .text(outcome), .of(reason), .of(now), .of(call))
    }
  }
}
