import Picture

/// A history of an hour: calls with an outage, and lanes with names from outside.
enum Example {
  static let hour = 3_600_000
  /// A full hour.
  static let now = 1_790_002_800_000
  static let window = Window(since_ms: hour, now_ms: now, first_ms: nil)

  static func history(
    _ verdict: QueueHistory.Verdict = QueueHistory.Verdict(.well, "all is well"),
    account: String? = nil, zone: LocalZone = .utc
  ) -> QueueHistory {
    QueueHistory(window: window, zone: zone, now_ms: now, account: account, verdict: verdict)
  }

  static func channel(
    _ counts: [QueueHistory.Channel.Count], of account: String = "default"
  ) -> QueueHistory.Channel {
    QueueHistory.Channel(
      account: account, api: "preview", limits: [.init(calls: 5, per_ms: 1_000)], counts: counts)
  }

  static func lane(_ name: String, _ ends: [CallEnd] = [.delivered]) -> QueueHistory.Lane {
    var lane = QueueHistory.Lane(
      account: "default", kind: "preview", name: name, isSecret: true, calls: ends.count,
      slot_ms: 5_000)
    lane.ticks = ends.enumerated().map { place, end in
      let began = now - hour / 2 + place * 60_000
      return .init(began_ms: began, ended_ms: end == .open ? nil : began + 80, end: end)
    }
    return lane
  }

  /// Something in each section.
  static func full(_ name: String, _ text: String, key: String = "ticket-1") -> QueueHistory {
    var history = history(QueueHistory.Verdict(.wrong, text))
    history.channels = [
      channel([
        .init(place: 3, end: .delivered, calls: 90, lanes: 700),
        .init(place: 4, end: .limited, calls: 2, lanes: 9),
        .init(place: 4, end: .refused, calls: 1, lanes: 1),
        .init(place: 5, end: .failed, calls: 3, lanes: 30),
      ])
    ]
    history.stretches = [
      .init(.run, began_ms: window.from_ms - 5, ended_ms: nil),
      .init(
        .pause, account: "default", api: "preview", reason: "paused", why: text,
        began_ms: now - 2_000_000, ended_ms: now - 1_000_000),
      .init(
        .parking, account: "default", reason: "address", why: text, began_ms: now - 9, ended_ms: nil
      ),
    ]
    history.lanes = [lane(name, [.delivered, .limited, .refused, .failed, .open])]
    history.lanes[0].key = key
    history.lanes[0].waits = [.init(from_ms: now - hour, to_ms: now - hour / 2)]
    history.lanesInAll = 7
    history.waits = [
      .init(place: 3, waited_ms: 120, asks: 700), .init(place: 4, waited_ms: 9_000, asks: 5),
    ]
    history.packing = [
      .init(tokens: 10, users: nil, calls: 60), .init(tokens: 3, users: 12, calls: 30),
    ]
    history.dead = [
      .init(account: "default", code: 230_001, message: text, count: 1, lanes: [name])
    ]
    history.refused = [
      .init(
        account: "default", code: nil, http: 502, message: text, count: 3, end: .failed, logID: key
      )
    ]
    history.slowest = [
      .init(
        account: "default", api: "preview", began_ms: now - 5_000, took_ms: 1_234, lanes: 10,
        outcome: "delivered", logID: key)
    ]
    history.keys = [.init(account: "default", name: key, asks: 12, previews: 34)]
    history.state.oldestDue_ms = 61_000
    history.state.dead = 1
    return history
  }

  static func page(_ history: QueueHistory, isFull: Bool = false) -> String {
    ReportPage(history, isFull: isFull, version: "1.2.3").text
  }
}
