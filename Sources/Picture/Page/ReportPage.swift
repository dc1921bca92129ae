/// The report: one page that needs no other file, and no script to be read.
package struct ReportPage {
  /// By which a report is recognized before it is replaced.
  package static let beginning = "<!DOCTYPE html>\n<!-- larkspur report -->\n"

  private let history: QueueHistory
  private let isFull: Bool
  private let version: String
  private let names: ChannelNames
  private let shortening: Shortening

  package init(_ history: QueueHistory, isFull: Bool, version: String) {
    self.history = history
    self.isFull = isFull
    self.version = version
    names = ChannelNames(history)
    shortening = Shortening(isFull: isFull, names: history.secretNames)
  }

  package var text: String {
    let summary = Summary(history: history, names: names, shortening: shortening)
    let policy = Policy.text(style: ReportStyle.text.source, script: Hovering.script)
    let page: HTML = """
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="referrer" content="no-referrer">
      <link rel="icon" href="data:,">
      <title>Larkspur report</title>
      <style>\(ReportStyle.text)</style>
      </head>
      <body data-zone="\(Hovering.zone(history.zone))">
      \(patterns)\(header)<main>
      \(summary.html)\(history.isEmpty ? empty : sections)</main>
      \(footer)<script>\(HTML(literal: Hovering.script))</script>
      </body>
      </html>

      """
    return Self.beginning + page.source
  }

  /// Hatching, which every chart refers to.
  private var patterns: HTML {
    """
    <svg class="patterns" aria-hidden="true"><defs><pattern id="hatch" width="6" height="6" \
    patternUnits="userSpaceOnUse"><path d="M0 6L6 0"/></pattern></defs></svg>

    """
  }

  private var header: HTML {
    let account: HTML = history.account.map { " Only account <bdi>\($0)</bdi>." } ?? .nothing
    return """
      <header><h1>Larkspur report</h1>
      <p>Larkspur tells Feishu which link previews, cards and sessions to refresh. An ask is one request to refresh \
      something; a lane is what has its own pace, such as one preview; a call is one HTTP request to Feishu and \
      carries up to ten previews. Times are in \(history.zone.title).\(account)</p></header>

      """
  }

  private var footer: HTML {
    let names: HTML =
      isFull
      ? "Tokens are shown in full: treat this file as confidential."
      : "Tokens are shortened."
    return """
      <footer><p class="note">Larkspur \(version), \(history.zone.moment(history.now_ms)). \(names)</p></footer>

      """
  }

  private var empty: HTML {
    """
    <section class="first" aria-labelledby="first"><h2 id="first">Nothing to show yet</h2>
    <p>There were no asks and no calls in this time. Ask for something with \
    <code>larkspur enqueue preview TOKEN --everyone</code>, deliver it with <code>larkspur work --until-empty</code>, \
    or show more of the past with <code>larkspur report --since 7d</code>.</p></section>

    """
  }

  private var sections: HTML {
    let reasons = ReasonTables(history: history, names: names, shortening: shortening)
    let loads = LoadTables(history: history)
    let lanes = LaneRows(history: history, names: names, shortening: shortening)
    let happenings = Happenings(history: history, names: names, shortening: shortening)
    return """
      \(section("happened", "What happened", happenings.html))\
      \(section("calls", "Calls against the budget", CallCharts(history: history, names: names).html))\
      \(section("busiest", "Lanes over time", lanes.html))\
      \(section("age", "How long asks waited", AgeMap(history: history).html))\
      \(section("staleness", "Staleness by \(named(step_ms: history.window.row_ms))", loads.delays))\
      \(section("packing", "How full calls for previews were",
        "<div class=\"pair\">\(loads.tokens)\(loads.users)</div>"))\
      \(section("dead", "Dead", reasons.dead))\
      \(section("refused", "Refused and failed calls", reasons.refused))\
      \(section("slowest", "Slowest calls", reasons.slowest))\
      \(section("keys", "Busiest keys", reasons.keys))
      """
  }

  private func section(_ id: String, _ title: String, _ content: HTML) -> HTML {
    """
    <section class="\(id)" aria-labelledby="\(id)"><h2 id="\(id)">\(title)</h2>
    \(content)</section>

    """
  }
}
