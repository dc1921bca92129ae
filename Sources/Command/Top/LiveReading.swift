import Larkspur
import Picture
import Planning

/// Reads what `top` and the demo show. Each query is a transaction of its own.
enum LiveReading {
  private static let channelsMost = 8
  private static let callsMost = 60
  private static let troublesMost = 4

  static func figures<Source: Answering & ~Copyable>(
    _ source: borrowing Source, queue: String, account: String?, zone: LocalZone
  ) throws(Source.Trouble) -> LiveFigures {
    var figures = try calls(source, account: account)
    figures.verdict = try StatusCheck(source, queue: queue, account: account).forHistory
    let status = try StatusFigures(source, account: account)
    (figures.asksNew, figures.asksDelayed) = (status.newAsks, status.delayedAsks)
    (figures.lanesDue, figures.lanesWaiting) = (status.ready, status.waiting)
    (figures.lanesPaused, figures.lanesParked) = (status.paused, status.parked)
    (figures.lanesInFlight, figures.lanesDead) = (status.inFlight, status.dead)
    let due = try StatusFigures.dueFor_ms(source, account: account, unseen: status.oldestUnseen_ms)
    figures.oldestDue_ms = due > 0 ? due : nil
    figures.channels = try channels(source, account: account, zone)
    return figures
  }

  /// Only the calls.
  static func calls<Source: Answering & ~Copyable>(
    _ source: borrowing Source, account: String?
  ) throws(Source.Trouble) -> LiveFigures {
    var figures = LiveFigures()
    figures.calls = try source.answer(
      LiveQueries.calls, [.of(account), .int(callsMost)]
    ).rows.map(LiveFigures.Call.init)
    figures.troubles = try source.answer(
      LiveQueries.troubles, [.of(account), .int(troublesMost)]
    ).rows.map(LiveFigures.Call.init)
    return figures
  }

  static func channels<Source: Answering & ~Copyable>(
    _ source: borrowing Source, account: String?, _ zone: LocalZone
  ) throws(Source.Trouble) -> [LiveFigures.Channel] {
    let rows = try source.answer(LiveQueries.channels, [.of(account), .int(channelsMost)]).rows
    var channels: [LiveFigures.Channel] = []
    for row in rows {
      let (id, api, now_ms) = (row[0].number, row[2].text, row[7].number)
      var budgets: [LiveFigures.Channel.Budget] = []
      for limit in try limits(source, id, api) {
        let made = try source.answer(
          LiveQueries.made, [.int(id), .text(api), .int(now_ms - limit.per_ms)])
        budgets.append(
          LiveFigures.Channel.Budget(
            calls: made.rows[0][0].number, most: limit.calls, per_ms: limit.per_ms))
      }
      channels.append(
        LiveFigures.Channel(
          account: row[1].text, api: api, budgets: budgets, stopped: stopped(row, zone)))
    }
    return channels
  }

  /// Limits that no worker has written down are the usual ones.
  private static func limits<Source: Answering & ~Copyable>(
    _ source: borrowing Source, _ account: Int, _ api: String
  ) throws(Source.Trouble) -> [QueueHistory.Channel.Limit] {
    let rows = try source.answer(LiveQueries.limits, [.int(account), .text(api)]).rows
    if rows.isEmpty { return HistoryReading.usualLimits(api) }
    return rows.map { QueueHistory.Channel.Limit(calls: $0[0].number, per_ms: $0[1].number) }
  }

  private static func stopped(_ row: [Cell], _ zone: LocalZone) -> String? {
    let why = row[5].textIfAny.map { ": \($0)" } ?? ""
    if row[6].number == 1 { return "parked\(why)" }
    return row[4].numberIfAny.map { "paused until \(zone.second($0))\(why)" }
  }
}

extension LiveFigures.Call {
  fileprivate init(_ row: [Cell]) {
    let audience = row[6].numberIfAny.map { $0 < 0 ? Audience.everyone : .users($0) }
    let code = row[8].numberIfAny.map(String.init) ?? row[9].numberIfAny.map { "HTTP \($0)" }
    let answer = [code, row[10].textIfAny].compactMap { $0 }.joined(separator: " ")
    self.init(
      number: row[0].number, account: row[1].text, api: row[2].text, began_ms: row[3].number,
      took_ms: row[4].numberIfAny, lanes: row[5].number, audience: audience, outcome: row[7].text,
      answer: answer.isEmpty ? nil : answer)
  }
}
