import Terminal

/// One sentence and six figures.
struct Summary {
  let history: QueueHistory
  let names: ChannelNames

  var html: HTML {
    """
    <section class="verdict \(history.verdict.tone.rawValue)" aria-labelledby="verdict">\
    <h2 id="verdict"><span aria-hidden="true">\(sign)</span> \(headline)</h2>
    <p>\(Self.sentence(history.verdict.sentence))</p>
    <p class="note">\(story)</p></section>
    <dl class="totals">\(figures)</dl>

    """
  }

  /// The sign carries the meaning without the colour.
  private var sign: String {
    switch history.verdict.tone {
    case .well: "✓"
    case .late: "◷"
    case .wrong: "✕"
    }
  }

  private var headline: String {
    switch history.verdict.tone {
    case .well: "Well"
    case .late: "Late"
    case .wrong: "Something is wrong"
    }
  }

  /// A sentence that begins with a capital and ends with a full stop. Commands in it are between quotes.
  static func sentence(_ text: String) -> HTML {
    let text = text.prefix(1).uppercased() + text.dropFirst()
    let parts = text.split(separator: "'", omittingEmptySubsequences: false)
    let isQuoted = parts.count % 2 == 1
    let marked = parts.enumerated().map { place, part -> HTML in
      isQuoted && place % 2 == 1 ? "<code>\(String(part))</code>" : "\(String(part))"
    }
    let end: HTML = text.hasSuffix(".") ? .nothing : "."
    return isQuoted ? "\(marked)\(end)" : "\(text)\(end)"
  }

  /// What happened, for a reader who does not know Larkspur.
  private var story: String {
    let zone = history.zone
    let time =
      "From \(zone.moment(history.window.from_ms)) to \(zone.moment(history.now_ms))"
    if history.isEmpty { return "\(time), nothing was asked for and no call was made." }
    let delays = history.delays
    let calls = history.calls()
    var text =
      "\(time), \(counted(delays.asks, "ask")) \(delays.asks == 1 ? "was" : "were") delivered and "
      + "\(counted(calls, "call")) made."
    let stopped = history.workChannels.map { ($0, CallCharts.length(history.stopped($0))) }
      .max { $0.1 < $1.1 }
    if let (channel, span) = stopped, span > 0 {
      text += " \(names.title(channel)) were paused or parked for \(spelled(span))."
    }
    let nobody = CallCharts.length(history.withoutWorker)
    if nobody > 0 { text += " No worker ran for \(spelled(nobody))." }
    return text
  }

  private var figures: [HTML] {
    let state = history.state
    let delays = history.delays
    let staleness = delays.percentile(50).flatMap { median in
      delays.percentile(99).map { "\(spelled(median)), \(spelled($0))" }
    }
    return [
      tile(
        "oldest due", state.oldestDue_ms.map { spelled($0) } ?? "none",
        "how long the lane has been due that has been due longest"),
      tile("dead lanes", grouped(state.dead), "given up, kept with the reason"),
      tile(
        "staleness: median, p99", staleness ?? "none",
        "how long asks waited until Feishu accepted a call for them"),
      tile("calls saved", grouped(history.callsSaved), "against one call for each token"),
      tile(
        "refusals", grouped(history.refusals), "calls that Feishu refused, also for being too many"),
      tile("quota", quota, quotaNote),
    ]
  }

  private func tile(_ name: String, _ value: String, _ note: String) -> HTML {
    #"<div title="\#(note)"><dt>\#(name)</dt><dd>\#(value)</dd></div>"#
  }

  /// Of several accounts, the one that is nearest to its end.
  private var worstQuota: QueueHistory.Quota? {
    history.state.quotas.max {
      $0.projected * max(1, $1.most) < $1.projected * max(1, $0.most)
    }
  }

  private var quota: String {
    guard let quota = worstQuota else { return "none set" }
    let used = "\(grouped(quota.used)) of \(grouped(quota.most))"
    if let ends = quota.ends_ms {
      return ends <= history.now_ms
        ? "\(used), used up" : "\(used), until \(history.zone.date(ends))"
    }
    return used
  }

  private var quotaNote: String {
    guard let quota = worstQuota else { return "the configuration sets no monthly quota" }
    let projection = "\(grouped(quota.projected)) calls by the end of the month at this pace"
    return "\(names.title(quota.account, "calls this month")); \(projection)"
  }
}
