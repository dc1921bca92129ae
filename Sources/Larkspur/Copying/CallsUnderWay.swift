import Planning

/// A call that has no answer yet, as another program finds it in the queue.
package struct FoundCall: Sendable {
  package let id: Int
  package let account: Int
  package let started: Moment
  package let sentBytes: Int
  /// Nil for a request for an access token.
  package let call: ClaimedCall?
}

extension WorkerStore {
  /// The calls that have no answer yet. `timeout` is how long each can take from its start.
  package func callsUnderWay(timeout: Span) throws(StoreError) -> [FoundCall] {
    let rows = try db.all(
      """
      select id, account_id, api, audience_id, started_ms, ifnull(sent_bytes, 0)
      from call indexed by calls_under_way where ended_ms is null
      """
    ) { (row) throws(StoreError) in
      (
        id: row.int(0), account: row.int(1), kind: Kind(rawValue: row.text(2)),
        audience: row.optionalInt(3), started: row.moment(4), bytes: row.count(5)
      )
    }
    var found: [FoundCall] = []
    for row in rows {
      var call: ClaimedCall?
      if let kind = row.kind {
        call = try claimedCall(
          row.id, Channel(account: row.account, kind: kind), row.audience, started: row.started,
          timeout: timeout)
        // Its lanes have been changed by hand.
        if call == nil { continue }
      }
      found.append(
        FoundCall(
          id: row.id, account: row.account, started: row.started, sentBytes: row.bytes, call: call))
    }
    return found
  }

  private func claimedCall(
    _ id: Int, _ channel: Channel, _ audience: Int?, started: Moment, timeout: Span
  ) throws(StoreError) -> ClaimedCall? {
    let lanes = try claimedLanes(of: id)
    guard let first = lanes.first else { return nil }
    let load: ClaimedCall.Load
    if let audience {
      load = .audience(try self.audience(audience))
    } else {
      guard let parcel = try parcel(of: first.id) else { return nil }
      let memory = try db.first("select memory from lane where id = ?", .int(first.id)) {
        (row) throws(StoreError) in row.text(0)
      }
      load = .parcel(parcel, memory: try fields(in: memory ?? "{}"))
    }
    return ClaimedCall(
      id: id, channel: channel, started: started, timeout: timeout, lanes: lanes, load: load)
  }
}
