import Larkspur
import Picture
import Planning

/// Reads what a report shows. Each query is a transaction of its own, so no lock is held for longer than a query takes.
enum HistoryReading {
  static func history(
    _ reader: borrowing QueueReader, queue: String, account: String?, since_ms: Int,
    _ now: WallMoment
  ) throws(StoreError) -> QueueHistory {
    let frame = try HistoryFrame(reader, account: account, since_ms: since_ms, now)
    let check = try StatusCheck(reader, queue: queue, account: account)
    var history = QueueHistory(
      window: frame.window, zone: frame.zone, now_ms: now.ms, account: account,
      verdict: check.forHistory)
    history.state = try state(reader, frame, now)
    history.channels = try channels(reader, frame)
    history.stretches = try stretches(reader, frame)
    (history.lanes, history.lanesInAll) = try LaneReading.lanes(reader, frame)
    history.waits = try reader.answer(
      HistoryQueries.waits, frame.values(.int(frame.window.coarse_ms))
    ).rows.map {
      QueueHistory.Wait(
        place: frame.window.place($0[0].number, step: frame.window.coarse_ms),
        waited_ms: $0[1].number, asks: $0[2].number)
    }
    history.packing = try reader.answer(HistoryQueries.packing, frame.values(first: 3)).rows.map {
      QueueHistory.Load(tokens: $0[0].number, users: $0[1].numberIfAny, calls: $0[2].number)
    }
    history.dead = try reader.answer(HistoryQueries.dead, frame.values(first: 1)).rows.map(
      deadReason)
    history.refused = try reader.answer(HistoryQueries.refused, frame.values(first: 3)).rows
      .map(refusedReason)
    history.slowest = try reader.answer(HistoryQueries.slowest, frame.values()).rows
      .map(QueueHistory.SlowCall.init)
    history.keys = try reader.answer(HistoryQueries.keys, frame.values()).rows.map {
      QueueHistory.Key(
        account: $0[0].text, name: $0[1].text, asks: $0[2].number, previews: $0[3].number)
    }
    return history
  }

  static func stretches(
    _ reader: borrowing QueueReader, _ frame: HistoryFrame
  ) throws(StoreError) -> [QueueHistory.Stretch] {
    try reader.answer(HistoryQueries.stretches, frame.values()).rows.compactMap(
      QueueHistory.Stretch.init)
  }

  private static func state(
    _ reader: borrowing QueueReader, _ frame: HistoryFrame, _ now: WallMoment
  ) throws(StoreError) -> QueueHistory.State {
    var state = QueueHistory.State()
    let figures = try StatusFigures(reader, account: frame.account)
    let due = try StatusFigures.dueFor_ms(
      reader, account: frame.account, unseen: figures.oldestUnseen_ms)
    state.oldestDue_ms = due > 0 ? due : nil
    state.due = figures.ready
    state.inFlight = figures.inFlight
    state.dead = figures.dead
    let monthEnds = nextQuotaMonth(after: now)
    state.quotas = try reader.answer(
      HistoryQueries.quotas, frame.values(.int(quotaMonth(of: now)), .int(CallPace.window))
    ).rows.map { row in
      let pace = CallPace(
        calls: row[3].number, since: row[4].numberIfAny.map(Moment.init(ms:)),
        at: Moment(ms: now.ms - frame.skew_ms))
      return QueueHistory.Quota(
        account: row[0].text, used: row[2].number, most: row[1].number, pace: pace, now_ms: now.ms,
        monthEnds_ms: monthEnds.ms)
    }
    return state
  }

  /// The busiest first. Limits that no worker has written down are the usual ones.
  private static func channels(
    _ reader: borrowing QueueReader, _ frame: HistoryFrame
  ) throws(StoreError) -> [QueueHistory.Channel] {
    struct Name: Hashable {
      let account: String
      let api: String
    }
    var counts: [Name: [QueueHistory.Channel.Count]] = [:]
    let rows = try reader.answer(HistoryQueries.calls, frame.values(.int(frame.window.step_ms)))
    for row in rows.rows {
      counts[Name(account: row[0].text, api: row[1].text), default: []].append(
        QueueHistory.Channel.Count(
          place: frame.window.place(row[2].number, step: frame.window.step_ms),
          end: CallEnd(outcome: row[3].textIfAny), calls: row[4].number, lanes: row[5].number))
    }
    var limits: [Name: [QueueHistory.Channel.Limit]] = [:]
    for row in try reader.answer(HistoryQueries.limits, frame.values(first: 1)).rows {
      limits[Name(account: row[0].text, api: row[1].text), default: []].append(
        QueueHistory.Channel.Limit(calls: row[2].number, per_ms: row[3].number))
    }
    let channels = counts.map { name, counts in
      QueueHistory.Channel(
        account: name.account, api: name.api, limits: limits[name] ?? usualLimits(name.api),
        counts: counts)
    }
    return channels.sorted {
      ($1.calls(), $0.account, $0.api) < ($0.calls(), $1.account, $1.api)
    }
  }

  static func usualLimits(_ api: String) -> [QueueHistory.Channel.Limit] {
    (Kind(rawValue: api)?.rules.limits ?? []).map {
      QueueHistory.Channel.Limit(calls: $0.calls, per_ms: $0.span)
    }
  }

  private static func deadReason(_ row: [Cell]) -> QueueHistory.Reason {
    QueueHistory.Reason(
      account: row[0].text, code: row[1].numberIfAny, message: row[2].text, count: row[3].number,
      lanes: row[4].text == row[5].text ? [row[4].text] : [row[4].text, row[5].text],
      areSecret: givesAccess(row[6].text))
  }

  private static func refusedReason(_ row: [Cell]) -> QueueHistory.Reason {
    QueueHistory.Reason(
      account: row[0].text, code: row[2].numberIfAny, http: row[3].numberIfAny,
      message: row[4].text, count: row[5].number, end: CallEnd(outcome: row[1].textIfAny),
      logID: row[6].textIfAny)
  }

  /// A preview token lets its reader refresh the preview; other names do nothing by themselves.
  static func givesAccess(_ kind: String) -> Bool {
    Kind(rawValue: kind)?.rules.namesGiveAccess ?? false
  }
}

extension StatusCheck {
  /// The same verdict as `status --check` gives.
  var forHistory: QueueHistory.Verdict {
    let tone: QueueHistory.Verdict.Tone =
      switch verdict {
      case .well: .well
      case .late: .late
      case .noWorker, .parked, .dead, .stuck: .wrong
      }
    let help =
      verdict == .noWorker && !summary.contains("'") ? "; start one with 'larkspur work'" : ""
    return QueueHistory.Verdict(tone, summary + help)
  }
}

extension QueueHistory.Stretch {
  fileprivate init?(_ row: [Cell]) {
    guard let what = What(rawValue: row[0].text) else { return nil }
    self.init(
      what, account: row[1].textIfAny, api: row[2].textIfAny, reason: row[3].textIfAny,
      why: row[4].textIfAny, began_ms: row[5].number, ended_ms: row[6].numberIfAny)
  }
}

extension QueueHistory.SlowCall {
  fileprivate init(_ row: [Cell]) {
    self.init(
      account: row[0].text, api: row[1].text, began_ms: row[2].number, took_ms: row[3].number,
      lanes: row[4].number, outcome: row[5].text, logID: row[6].textIfAny)
  }
}

extension Cell {
  var numberIfAny: Int? { if case .int(let number) = self { number } else { nil } }

  var textIfAny: String? { if case .text(let text) = self { text } else { nil } }
}
