import Larkspur
import Picture
import Planning

/// Reads calls for a trace, each lane of a call as a slice of its own.
enum TraceReading {
  static func trace(
    _ reader: borrowing QueueReader, account: String?, since_ms: Int, _ now: WallMoment
  ) throws(StoreError) -> Trace {
    let frame = try HistoryFrame(reader, account: account, since_ms: since_ms, now)
    let stretches = try HistoryReading.stretches(reader, frame)
    let slices = try reader.answer(HistoryQueries.slices, frame.values()).rows.map { row in
      Trace.Slice(
        account: row[0].text, api: row[1].text, lane: row[2].textIfAny, thread: row[3].number,
        call: row[4].number, began_ms: row[5].number, took_ms: row[6].number,
        outcome: row[7].text, code: row[8].numberIfAny, logID: row[9].textIfAny)
    }
    return Trace(slices, stretches, now_ms: now.ms)
  }
}

extension HistoryQueries {
  /// A call under way has lasted until now.
  static let slices = """
    select account.name, api, lane.name, ifnull(lane.id, 1), call.id, started_ms + ?4,
      ifnull(ended_ms, ?3) - started_ms, ifnull(outcome, 'in flight'), code, log_id
    from call join account on account.id = call.account_id
    left join json_each(call.lanes) as carried
    left join lane on lane.id = carried.value
    where started_ms between ?2 and ?3 and (?1 is null or account.name = ?1)
    order by call.id, carried.key
    """
}
