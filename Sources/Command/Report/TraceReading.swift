import Larkspur
import Picture
import Planning

/// Reads calls for a trace, each lane of a call as a slice of its own.
enum TraceReading {
  /// How many calls are read at a time: so many that reading is fast, and so few that a long history
  /// does not fill the memory.
  private static let callsAtOnce = 2_000

  /// Everything but the calls.
  static func trace(
    _ reader: borrowing QueueReader, _ frame: HistoryFrame, isFull: Bool
  ) throws(StoreError) -> Trace {
    let threads = try reader.answer(HistoryQueries.threads, frame.values(first: 3)).rows.map {
      Trace.Thread(
        account: $0[0].text, api: $0[1].text, number: $0[2].number, lane: $0[3].textIfAny)
    }
    return Trace(
      threads, try HistoryReading.stretches(reader, frame), now_ms: frame.now_ms, isFull: isFull)
  }

  /// The slices of the calls that follow a call.
  static func slices(
    _ reader: borrowing QueueReader, _ frame: HistoryFrame, after call: Int
  ) throws(StoreError) -> [Trace.Slice] {
    let rows = try reader.answer(
      HistoryQueries.slices, frame.values(.int(call), .int(callsAtOnce)))
    return rows.rows.map { row in
      Trace.Slice(
        account: row[0].text, api: row[1].text, thread: row[2].number, call: row[3].number,
        began_ms: row[4].number, took_ms: row[5].number, outcome: row[6].text,
        code: row[7].numberIfAny, logID: row[8].textIfAny)
    }
  }
}

extension HistoryQueries {
  /// The lanes that were in a call. Calls that hand out access tokens carry none.
  static let threads = """
    select distinct account.name, api, ifnull(lane.id, 1), lane.name
    from call join account on account.id = call.account_id
    left join json_each(call.lanes) as carried
    left join lane on lane.id = carried.value
    where started_ms between ?2 and ?3 and (?1 is null or account.name = ?1)
    """

  /// Of at most ?6 calls that follow the call ?5. A call under way has lasted until now.
  static let slices = """
    select account.name, api, ifnull(carried.value, 1), some.id, started_ms + ?4,
      ifnull(ended_ms, ?3) - started_ms, ifnull(outcome, 'in flight'), code, log_id
    from (
      select call.* from call join account on account.id = account_id
      where call.id > ?5 and started_ms between ?2 and ?3 and (?1 is null or account.name = ?1)
      order by call.id limit ?6) as some
    join account on account.id = account_id
    left join json_each(some.lanes) as carried
    order by some.id, carried.key
    """
}
