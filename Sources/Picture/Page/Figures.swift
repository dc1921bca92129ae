import Terminal

/// The six figures at the top of the report, each with what it means.
struct Figures {
  let history: QueueHistory
  let names: ChannelNames

  var html: HTML { "<dl class=\"totals\">\(tiles)</dl>\n\n" }

  private var tiles: [HTML] {
    let state = history.state
    let delays = history.delays
    let staleness = delays.percentile(50).flatMap { median in
      delays.percentile(99).map { "\(spelled(median)), \(spelled($0))" }
    }
    return [
      tile(
        "oldest due", state.oldestDue_ms.map { spelled($0) } ?? "none",
        "how long the next refresh in line has been possible"),
      tile("dead lanes", grouped(state.dead), "given up, kept with the reason"),
      tile(
        "staleness: median, p99", staleness ?? "none",
        "from an ask to the call that delivered it"),
      tile("calls saved", grouped(history.callsSaved), "against one token a call"),
      tile("refusals", grouped(history.refusals), "calls that Feishu refused"),
      quota,
    ]
  }

  private func tile(_ name: String, _ value: String, _ note: String) -> HTML {
    #"<div><dt>\#(name)</dt><dd>\#(value)</dd><dd class="note">\#(note)</dd></div>"#
  }

  /// Of several accounts, the one that is nearest to its end.
  private var quota: HTML {
    let worst = history.state.quotas.max {
      $0.projected * max(1, $1.most) < $1.projected * max(1, $0.most)
    }
    guard let worst else { return tile("monthly quota", "none", "the configuration sets none") }
    let end: String
    if let ends = worst.ends_ms {
      end =
        ends <= history.now_ms
        ? "used up" : "used up on \(history.zone.date(ends)) at this pace"
    } else {
      end = "about \(grouped(worst.projected)) by the month's end"
    }
    return tile(
      "monthly quota", "\(grouped(worst.used)) of \(grouped(worst.most))",
      names.title(worst.account, end))
  }
}
