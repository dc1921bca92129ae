import Planning

extension WorkerStore {
  /// Repairs the clock, the id of the last folded ask, and the id counters. True if one of them was
  /// wrong.
  package func repairNumbers() throws(StoreError) -> Bool { try db.repairNumbers(beyond: given) }
}

/// The highest ids that a run has given or met. It keeps calls in memory under their ids until they
/// are settled, so no other row may get one of them, even if the rows and the counters are gone.
struct GivenIDs {
  private(set) var lane = 0
  private(set) var call = 0

  mutating func note(lane id: Int) { lane = max(lane, id) }
  mutating func note(call id: Int) { call = max(call, id) }
}

/// The numbers that everything else depends on: the worker's row and the id counters. They may have
/// been changed or deleted by hand.
///
/// - An id is never given twice, so a counter is never set below a known id.
/// - Asks above `folded_ask` are looked at again. That does not harm asks that have been folded.
extension Connection {
  /// Repairs what is wrong. True if something was.
  borrowing func repairNumbers(beyond given: GivenIDs = GivenIDs()) throws(StoreError) -> Bool {
    if try areNumbersSound(beyond: given) { return false }
    try execute(
      """
      insert or ignore into worker
        (only_row, folded_ask, control, offset_ms, skew_ms, newest_ms, pruned_ms, guards)
      values (1, 0, 0, 0, 0, 0, 0, 1)
      """)
    try repairClock()
    try repairIDs("lane", beyond: given.lane)
    try repairIDs("call", beyond: given.call)
    try repairIDs("ask", beyond: 0)
    try execute(
      """
      update worker set
        folded_ask = iif(folded_ask between 0 and
          (select max(seq) from sqlite_sequence where name = 'ask'), folded_ask, 0),
        control = iif(control between 0 and ?1, control, 0)
      """, .int(Int.most))
    return true
  }

  private borrowing func areNumbersSound(beyond given: GivenIDs) throws(StoreError) -> Bool {
    try first(
      """
      select folded_ask between 0 and ?1 / 10 and control between 0 and ?1
        and offset_ms between -?2 and ?2 and skew_ms between -?2 and ?2
        and newest_ms between 0 and ?2 and pruned_ms between 0 and ?2
        and not exists (select 1 from sqlite_sequence
          where typeof(seq) <> 'integer' or seq not between 0 and ?1 / 10)
        and ifnull((select max(seq) from sqlite_sequence where name = 'ask'), 0)
          >= max(folded_ask, ifnull((select max(id) from ask where id <= ?1), 0))
        and ifnull((select max(seq) from sqlite_sequence where name = 'lane'), 0) >= ?3
        and ifnull((select max(seq) from sqlite_sequence where name = 'call'), 0) >= ?4
        and not exists (select 1 from call where id > ?1)
        and not exists (select 1 from lane where id > ?1)
      from worker
      """, .int(Int.most), .int(Self.endOfTime), .int(given.lane), .int(given.call)
    ) { (row) throws(StoreError) in row.bool(0) } ?? false
  }

  /// In the year 5138.
  private static var endOfTime: Int { 100_000_000_000_000 }

  /// Resets a clock with an impossible value; the run sets it when it starts. The newest moment
  /// becomes that of the last calls, so that their lanes are not early.
  private borrowing func repairClock() throws(StoreError) {
    try execute(
      """
      update worker set boot = null, offset_ms = 0, skew_ms = 0, pruned_ms = 0, newest_ms = ifnull((
        select max(moment) from (
          select max(started_ms, ifnull(ended_ms, 0)) as moment from call order by id desc limit 100)
        where moment between 0 and ?1), 0)
      where not (offset_ms between -?1 and ?1 and skew_ms between -?1 and ?1
        and newest_ms between 1 and ?1 and pruned_ms between 0 and ?1)
      """, .int(Self.endOfTime))
  }

  /// Repairs the id counter of a table. Lanes and calls whose ids leave no room for the next are
  /// deleted.
  private borrowing func repairIDs(_ table: String, beyond given: Int) throws(StoreError) {
    try execute(
      "update sqlite_sequence set seq = 0 where typeof(seq) <> 'integer' or seq not between 0 and ?",
      .int(Int.most / 10))
    try execute(
      """
      insert into sqlite_sequence (name, seq)
      select ?1, 0 where not exists (select 1 from sqlite_sequence where name = ?1)
      """, .text(table))
    let largest: Int
    switch table {
    case "ask": largest = try largestAsk()
    case "lane": largest = try largestLane()
    default: largest = try largestCall()
    }
    try execute(
      "update sqlite_sequence set seq = max(seq, ?, ?) where name = ?", .int(largest), .int(given),
      .text(table))
  }

  /// The ask that was folded last may be gone.
  private borrowing func largestAsk() throws(StoreError) -> Int {
    try number(
      """
      select max(ifnull((select max(id) from ask where id <= ?1), 0),
        ifnull((select folded_ask from worker where folded_ask <= ?1 / 10), 0))
      """)
  }

  private borrowing func largestLane() throws(StoreError) -> Int {
    // Its asks are then found to be in no lane, and are folded again.
    try execute("delete from lane where id > ?", .int(Int.most))
    return try number("select ifnull(max(id), 0) from lane where id <= ?1")
  }

  private borrowing func largestCall() throws(StoreError) -> Int {
    try execute("delete from call where id > ?", .int(Int.most))
    return try number("select ifnull(max(id), 0) from call where id <= ?1")
  }

  private borrowing func number(_ sql: StaticString) throws(StoreError) -> Int {
    try first(sql, .int(Int.most)) { (row) throws(StoreError) in row.int(0) } ?? 0
  }
}
