import Terminal

/// Whether all is well, and what was done, for a reader who does not know Larkspur.
struct Summary {
  let history: QueueHistory
  let names: ChannelNames
  let shortening: Shortening

  var html: HTML {
    """
    <section class="verdict \(history.verdict.tone.rawValue)" aria-labelledby="verdict">\
    <h2 id="verdict"><span aria-hidden="true">\(sign)</span> \(headline)</h2>
    <p>\(Self.sentence(shortening.message(history.verdict.sentence)))</p>
    <p class="note">\(story)</p></section>
    \(Figures(history: history, names: names).html)
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

  /// A sentence that begins with a capital and ends with a full stop. Commands in it are between
  /// quotes.
  static func sentence(_ text: String) -> HTML {
    let text = capitalized(text)
    let parts = text.split(separator: "'", omittingEmptySubsequences: false)
    let isQuoted = parts.count % 2 == 1
    let marked = parts.enumerated().map { place, part -> HTML in
      isQuoted && place % 2 == 1 ? "<code>\(String(part))</code>" : "\(String(part))"
    }
    let end: HTML = text.hasSuffix(".") ? .nothing : "."
    return isQuoted ? "\(marked)\(end)" : "\(text)\(end)"
  }

  private var story: String {
    let zone = history.zone
    let time =
      "From \(zone.moment(history.window.from_ms)) to \(zone.moment(history.now_ms))"
    if history.isEmpty { return "\(time), nothing was asked for and no call was made." }
    let (asks, calls) = (history.delays.asks, history.calls())
    var text =
      "\(time), \(counted(asks, "ask")) \(asks == 1 ? "was" : "were") delivered, and "
      + "\(counted(calls, "call")) \(calls == 1 ? "was" : "were") made."
    let stopped = history.workChannels.map { ($0, CallCharts.length(history.stopped($0))) }
      .max { $0.1 < $1.1 }
    if let (channel, span) = stopped, span > 0 {
      text +=
        " \(capitalized(names.phrase(channel))) were paused or parked for \(spelled(span)) in all."
    }
    let nobody = CallCharts.length(history.withoutWorker)
    if nobody > 0 { text += " No worker ran for \(spelled(nobody))." }
    return text
  }
}

/// With a capital at the beginning.
func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
