import Picture

/// The page at `/` for a user with a browser. Pure: the same history at the same moment gives the
/// same page.
struct Page {
  /// How often the page reloads, in seconds. Not every second, because a reload loses the
  /// selection, and the user may be about to copy it.
  static let period = 2
  static let periodWhileEmpty = 5

  let history: History
  let rules: RuleSettings
  let faults: FaultSettings
  let address: String
  /// Nil if there is no callback address for clients to pull from.
  var clients: Clients?
  /// Whether reloading is paused.
  var isHeld = false

  var hasSeveralApps: Bool { rules.apps.count > 1 }

  func text(at now: Microseconds) -> String {
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      \(refresh)<link rel="icon" href="data:,">
      <title>Larkspur sandbox</title>
      <style>
      \(Self.style)</style>
      </head>
      <body>
      \(header(at: now))<main>
      \(isEmpty ? firstCall : .nothing)\(totals)\
      \(clients == nil ? .nothing : section("messages", "What members see", messages(at: now)))\
      \(charts(at: now))\
      \(section("refusals", "Refusals and faults", refusals))\
      \(section("lanes", "Recently refreshed", lanes(at: now)))\
      \(section("calls", "Latest calls", calls(at: now)))</main>
      </body>
      </html>

      """
    return page.source
  }

  private var isEmpty: Bool { history.refreshes.isEmpty }

  private var refresh: HTML {
    if isHeld { return .nothing }
    let seconds = isEmpty ? Self.periodWhileEmpty : Self.period
    return "<meta http-equiv=\"refresh\" content=\"\(seconds)\">\n"
  }

  private func header(at now: Microseconds) -> HTML {
    let hold: HTML =
      isHeld
      ? #"Updates are paused. <a href="/">Resume</a>"#
      : #"This page updates itself. <a href="/?hold">Pause</a>"#
    let fault: HTML =
      faults.sentence.map { #"<p class="faults"><b>Injected faults:</b> \#($0)</p>\#n"# }
      ?? .nothing
    let members: HTML =
      clients == nil ? .nothing : ##"<a href="#messages">What members see</a> "##
    return """
      <header>
      <h1>Larkspur sandbox</h1>
      <p>A local Feishu at <code>\(address)</code>, up for \(spelled(now - history.started)). \(hold)</p>
      \(fault)<nav aria-label="On this page">\(members)<a href="#refusals">Refusals</a> \
      <a href="#lanes">Recently refreshed</a> <a href="#calls">Latest calls</a></nav>
      </header>

      """
  }

  /// What to do while nothing has been refreshed yet.
  private var firstCall: HTML {
    let (app, secret) = login
    return """
      <section class="first" aria-labelledby="first"><h2 id="first">Nothing has been refreshed yet</h2>
      <p>Enqueue a preview and deliver it here:</p>
      <pre>export LARKSPUR_BASE_URL=\(address)
      export LARKSPUR_APP_ID=\(app) LARKSPUR_APP_SECRET=\(secret)
      larkspur enqueue preview \(clients?.messages.latest(1).first?.token ?? "build-1041") --everyone
      larkspur work --until-empty</pre></section>

      """
  }

  /// The default app's secret is not secret. The secret of any other app is not shown.
  private var login: (app: String, secret: String) {
    let usual = RuleSettings().apps
    if let (app, secret) = usual.first(where: { rules.apps[$0.key] == $0.value }) {
      return (app, secret)
    }
    return (rules.apps.keys.min() ?? "", "…")
  }

  private var totals: HTML {
    var tiles = [
      tile("requests", history.requests), tile("accepted", history.accepted),
      tile("refused", history.refused),
      tile("previews refreshed", history.refreshes[.previews] ?? 0),
    ]
    if let cards = history.refreshes[.cards] { tiles.append(tile("cards updated", cards)) }
    if let sessions = history.refreshes[.sessions] {
      tiles.append(tile("sessions updated", sessions))
    }
    return "<dl class=\"totals\">\(tiles)</dl>\n"
  }

  private func tile(_ name: String, _ number: Int) -> HTML {
    "<div><dt>\(name)</dt><dd>\(number)</dd></div>"
  }

  /// Previews always have a chart; the other APIs have one if they were called in the last minute.
  private func charts(at now: Microseconds) -> HTML {
    let each = hasSeveralApps ? ", for each app" : ""
    let charts = [Endpoint.previews, .cards, .sessions].map { endpoint -> HTML in
      let counts = history.seconds.lastMinute(of: endpoint, at: now)
      let rule = rules.sentence(for: endpoint) + each
      if endpoint != .previews && counts.allSatisfy({ $0.all == 0 }) {
        return """
          <p class="unused"><b>\(endpoint.title)</b> <span class="rule">\(rule)</span> \
          <span class="sum">no calls in the last minute</span></p>
          """
      }
      let limit = rules.pace(of: endpoint).perSecond
      return Chart(endpoint: endpoint, counts: counts, limit: limit).html(rule: rule)
    }
    let legend: HTML = """
      <p class="legend" aria-hidden="true"><i class="accepted"></i>accepted \
      <i class="refused"></i>refused <i class="limit"></i>limit</p>
      """
    return section("rate", "Calls per second", "\(legend)<div class=\"charts\">\(charts)</div>")
  }

  private func section(_ id: String, _ title: String, _ content: HTML) -> HTML {
    """
    <section class="\(id)" aria-labelledby="\(id)"><h2 id="\(id)">\(title)</h2>
    \(content)</section>

    """
  }
}
