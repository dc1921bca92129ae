import Picture
import Terminal

/// The tables of the page.
extension Page {
  var refusals: HTML {
    let rows = history.troubles.sorted { ($0.value, $1.key.word) > ($1.value, $0.key.word) }
    if rows.isEmpty {
      return #"<p class="none">No call was refused, and no fault was injected.</p>"#
    }
    return """
      <table><thead><tr><th scope="col">Code</th>\
      <th scope="col">What happened</th><th scope="col" class="number">Times</th></tr></thead><tbody>
      \(rows.map { row(of: $0.key, times: $0.value) })</tbody></table>
      """
  }

  private func row(of trouble: Trouble, times: Int) -> HTML {
    let effect: HTML =
      trouble.isAccepted
      ? mark("yes", "✓", trouble.isApplied ? "took effect" : "accepted") : .nothing
    return """
      <tr><td class="code">\(code(trouble.code, status: trouble.status))</td>\
      <td>\(trouble.sentence) <code>\(trouble.word)</code> \(effect)</td>\
      <td class="number">\(times)</td></tr>

      """
  }

  func lanes(at now: Microseconds) -> HTML {
    let (lanes, hasForgotten) = history.latestLanes
    if lanes.isEmpty { return #"<p class="none">Nothing refreshed yet.</p>"# }
    let most = History.lanesMax
    let note: HTML =
      hasForgotten
      ? #"<p class="note">The latest \#(most); counts start when each entered this list.</p>"#
      : .nothing
    return """
      \(tableStart)\(head("Name"))\(head("Refreshed"))\(head("Times", style: "number"))\
      \(head("For"))</tr></thead><tbody role="rowgroup">
      \(lanes.map { row(of: $0, at: now) })</tbody></table>\(note)
      """
  }

  private func row(of lane: Lane, at now: Microseconds) -> HTML {
    let kind: HTML =
      lane.name.endpoint == .previews
      ? .nothing : #" <span class="kind">\#(lane.name.endpoint.noun)</span>"#
    let app: HTML =
      hasSeveralApps ? #" <span class="kind">\#(lane.name.app)</span>"# : .nothing
    let detail =
      switch lane.detail {
      case .people(let count): counted(count, "person", "people")
      case .everyone: "everyone"
      case .sequence(let number): "sequence \(grouped(number))"
      case .none: "–"
      }
    return """
      <tr role="row"><th scope="row" role="rowheader">\(name(lane.name.text))\(kind)\(app)</th>\
      \(cell("when", "\(ago(lane.refreshed, at: now))"))\(cell("number", "\(lane.times)"))\
      \(cell("for", "\(detail)"))</tr>

      """
  }

  func calls(at now: Microseconds) -> HTML {
    if history.requests == 0 { return #"<p class="none">No calls yet.</p>"# }
    let app = hasSeveralApps ? ["App"] : []
    let titles = ["When", "API"] + app + ["Request", "Verdict", "Code", "Took"]
    return """
      \(tableStart)\(titles.map { head($0) })</tr></thead><tbody role="rowgroup">
      \(history.calls.map { row(of: $0, at: now) })</tbody></table>
      """
  }

  private func row(of call: Call, at now: Microseconds) -> HTML {
    let api = call.endpoint.map(\.rawValue) ?? "–"
    let app: HTML = hasSeveralApps ? cell("app", "\(call.app ?? "–")") : .nothing
    let took =
      switch call.end {
      case .awaited: "held back"
      case .answered(let span): spelled(span)
      case .unanswered: "no answer"
      }
    let isQuiet = call.endpoint?.givesAccessTokens == true && call.isAccepted
    return """
      <tr role="row"\(isQuiet ? #" class="quiet""# : .nothing)>\
      \(cell("when", "\(ago(call.at, at: now))"))\(cell("api", "\(api)"))\(app)\
      \(cell("asked", subject(of: call)))\(cell("verdict", verdict(of: call)))\
      \(cell("code", "\(code(call.code, status: call.status))"))\(cell("took", "\(took)"))</tr>

      """
  }

  private func subject(of call: Call) -> HTML {
    switch call.subject {
    case .accessToken: return "an access token"
    case .previews(let first, let count, let people):
      let shown: HTML = count == 0 ? "no preview" : name(first)
      let others: HTML = count > 1 ? " and \(count - 1) more" : .nothing
      let audience = people.map { counted($0, "person", "people") } ?? "everyone"
      return #"\#(shown)\#(others) <span class="for">for \#(audience)</span>"#
    case .card(let id, let sequence):
      return #"\#(name(id)) <span class="for">sequence \#(sequence)</span>"#
    case .session(let id): return name(id)
    case .other(let text): return name(text)
    }
  }

  /// What was decided, and the fault that struck. A lost answer does not change the decision.
  private func verdict(of call: Call) -> HTML {
    let decided: HTML =
      if !call.isAccepted {
        mark("no", "✕", call.verdict == .fault ? "refused" : word(call.verdict))
      } else if call.isApplied {
        mark("yes", "✓", call.endpoint?.givesAccessTokens == true ? "issued" : "took effect")
      } else {
        mark("meh", "○", call.verdict == .ok ? "no effect" : "\(word(call.verdict)), no effect")
      }
    guard let fault = call.fault else { return decided }
    return #"\#(decided) <span class="fault">\#(word(fault))</span>"#
  }

  /// The code in the body, or the HTTP status if the body is not Feishu's.
  private func code(_ code: Int?, status: Int?) -> String {
    code.map(String.init) ?? status.map { "HTTP \($0)" } ?? "none"
  }

  private func word(_ name: some RawRepresentable<String>) -> String {
    String(name.rawValue.map { $0 == "_" ? " " : $0 })
  }

  /// The sign carries the meaning without the colour.
  func mark(_ style: String, _ sign: String, _ word: String) -> HTML {
    #"<span class="\#(style)"><span aria-hidden="true">\#(sign)</span> \#(word)</span>"#
  }

  /// Text from outside, cut to 100 characters.
  func name(_ text: String) -> HTML {
    let most = 100
    let isWhole = text.unicodeScalars.count <= most
    let shown = isWhole ? text : "\(String(text.unicodeScalars.prefix(most)))…"
    return #"<span class="name">\#(shown)</span>"#
  }

  /// The roles are spelled out because the style sheet lays the rows out differently on a narrow
  /// screen, and browsers then no longer treat them as a table.
  var tableStart: HTML {
    #"<table role="table"><thead role="rowgroup"><tr role="row">"#
  }

  func head(_ title: String, style: String = "") -> HTML {
    #"<th scope="col" role="columnheader" class="\#(style)">\#(title)</th>"#
  }

  func cell(_ name: String, _ content: HTML) -> HTML {
    #"<td role="cell" class="\#(name)">\#(content)</td>"#
  }
}
