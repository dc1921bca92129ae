import Larkspur
import Picture
import Planning

/// Reads the busiest lanes, their calls, and what waited for these.
enum LaneReading {
  private static let most = 40
  /// How many moments of the window a line can tell apart.
  private static let cells = 1_000

  static func lanes(
    _ reader: borrowing QueueReader, _ frame: HistoryFrame
  ) throws(StoreError) -> (lanes: [QueueHistory.Lane], inAll: Int) {
    let rows = try reader.answer(HistoryQueries.busiest, frame.values(.int(most))).rows
    let ids = rows.map { $0[0].number }
    let list = "[\(ids.map(String.init).joined(separator: ","))]"
    let cell = max(1, frame.window.span_ms / cells)
    let ticks = try ticks(reader, frame, list, cell)
    let waits = try waits(reader, frame, list, cell)
    var keys: [Int: String] = [:]
    for row in try reader.answer(HistoryQueries.keysOfLanes, frame.values(.text(list))).rows {
      keys[row[0].number] = row[1].text
    }
    let lanes = rows.map { row in
      var lane = QueueHistory.Lane(
        account: row[1].text, kind: row[2].text, name: row[3].text,
        isSecret: HistoryReading.givesAccess(row[2].text), calls: row[4].number,
        slot_ms: row[2].text == Kind.preview.rawValue ? Preview.window : 0)
      lane.key = keys[row[0].number]
      lane.ticks = ticks[row[0].number] ?? []
      lane.waits = waits[row[0].number] ?? []
      return lane
    }
    return (lanes, rows.first?[5].number ?? 0)
  }

  private static func ticks(
    _ reader: borrowing QueueReader, _ frame: HistoryFrame, _ list: String, _ cell: Int
  ) throws(StoreError) -> [Int: [QueueHistory.Lane.Tick]] {
    var ticks: [Int: [QueueHistory.Lane.Tick]] = [:]
    for row in try reader.answer(
      HistoryQueries.ticks, frame.values(.text(list), .int(cell))
    ).rows {
      ticks[row[0].number, default: []].append(
        QueueHistory.Lane.Tick(
          began_ms: row[1].number, ended_ms: row[2].numberIfAny,
          end: CallEnd(outcome: row[4].textIfAny)))
    }
    return ticks
  }

  /// Waits that are too short to be seen are left out.
  private static func waits(
    _ reader: borrowing QueueReader, _ frame: HistoryFrame, _ list: String, _ cell: Int
  ) throws(StoreError) -> [Int: [QueueHistory.Lane.Waited]] {
    var waits: [Int: [QueueHistory.Lane.Waited]] = [:]
    for row in try reader.answer(
      HistoryQueries.waited, frame.values(.text(list), .int(cell))
    ).rows {
      waits[row[0].number, default: []].append(
        QueueHistory.Lane.Waited(from_ms: row[1].number, to_ms: row[2].number))
    }
    return waits
  }
}
