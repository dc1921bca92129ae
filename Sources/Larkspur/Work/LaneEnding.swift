import Planning

/// Ends waiting lanes whose asks can never be delivered.
extension WorkerStore {
  /// How many asks of one lane end in one transaction.
  private static let asksOfALaneAtOnce = 500

  /// Ends some of a channel's waiting lanes. A lane with many asks needs several turns.
  package func endLanes(
    of channel: Channel, reason: String, atMost limit: Int, at now: Moment
  ) throws(StoreError) -> Settled {
    var settled = Settled()
    let lanes = try db.all(
      """
      select id, name, slot_ms from lane indexed by lanes_due_longest
      where account_id = ? and kind = ? and state = 'waiting' order by ready_ms limit ?
      """, .int(channel.account), .text(channel.kind.rawValue), .int(limit)
    ) { (row) throws(StoreError) in (id: row.int(0), name: row.text(1), slot: row.moment(2)) }
    for lane in lanes {
      try db.execute(
        """
        update ask set outcome = 'dead', reason = ?2, ended_ms = ?3
        where id in (
          select id from ask indexed by asks_of_a_lane
          where lane_id = ?1 and outcome is null limit ?4)
        """, .int(lane.id), .text(reason), .of(now), .int(Self.asksOfALaneAtOnce))
      // The rest waits for the next turn.
      if db.changes == Self.asksOfALaneAtOnce { break }
      try put(nil, of: lane.id)
      try idle([lane.id], slot: max(lane.slot, now))
      settled.idle += 1
      settled.dead.append((lane.name, reason))
    }
    return settled
  }
}
