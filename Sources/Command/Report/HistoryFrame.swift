import Larkspur
import Picture
import Planning

/// The account and the time that a report is about, as the queries take them.
struct HistoryFrame {
  let account: String?
  let now_ms: Int
  /// Wall clock less queue clock.
  let skew_ms: Int
  let window: Window
  let zone: LocalZone

  init(
    _ reader: borrowing QueueReader, account: String?, since_ms: Int, _ now: WallMoment
  ) throws(StoreError) {
    self.account = account
    now_ms = now.ms
    skew_ms = try reader.number("select skew_ms from worker") ?? 0
    let from = now.ms - since_ms
    let first = try reader.number(
      HistoryQueries.first,
      [.of(account), .int(from - skew_ms), .int(now.ms - skew_ms), .int(skew_ms)])
    window = Window(since_ms: since_ms, now_ms: now.ms, first_ms: first)
    zone = LocalZone.local(from_ms: window.from_ms, to_ms: window.to_ms)
  }

  /// The first of the values, for a query that has no more parameters.
  func values(first count: Int) -> [Value] { Array(values().prefix(count)) }

  /// `?1` is the account, `?2` and `?3` are the first and the last moment on the queue's clock, and `?4` is the wall
  /// clock less the queue's. What begins after `now` is left out, so all queries see the same.
  func values(_ more: Value...) -> [Value] {
    [.of(account), .int(window.from_ms - skew_ms), .int(now_ms - skew_ms), .int(skew_ms)] + more
  }
}
