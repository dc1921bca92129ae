import Delivery
import Larkspur
import Planning
import QueueAccess
import Terminal

/// What an ask by key or URL waits for: its previews, of which the last decides.
struct KeyExplanation {
  let facts: KeyFacts
  /// Of the preview that goes last. Nil if none waits.
  let last: LaneForecast?
  let viewpoint: Viewpoint

  private var state: String {
    if facts.previewsLeft > 0 { return "waiting" }
    if facts.asks.count > 0 { return "new" }
    if facts.delayed.count > 0 { return "delayed" }
    return facts.ending?.outcome ?? "idle"
  }

  var text: String {
    var lines = [("wants", wants), ("seen", "\(counted(facts.previewsKnown, "preview"))")]
    if let last = facts.last {
      lines.append(("last", "\(printable(last)); see 'larkspur explain \(printable(last))'"))
    }
    if let ending = facts.ending, ending.outcome == "dead", facts.asks.count == 0 {
      let account = facts.account == "default" ? "" : " --account \(printable(facts.account))"
      lines.append(("error", printable(ending.reason ?? "")))
      lines.append(
        (
          "next",
          "'larkspur retry \(printable(facts.name))\(account)' tries again what was not refreshed"
        ))
    }
    let title =
      "\(facts.selector.rawValue) \(printable(facts.name)) (account \(printable(facts.account)))"
    let rows = lines.filter { !$0.1.isEmpty }.map { name, text in
      "  \(name)\(String(repeating: " ", count: 7 - name.count))\(text)"
    }
    return (["\(title): \(headline)"] + rows).joined(separator: "\n")
  }

  private var headline: String {
    switch state {
    case "waiting":
      let left = "\(counted(facts.previewsLeft, "preview")) left"
      guard let goes = last?.goesAt else {
        let worker =
          viewpoint.silent == nil ? "no worker is running" : "the worker does not respond"
        let works = viewpoint.isRunning && viewpoint.silent == nil
        return "waiting, \(left)" + (works ? "" : "; \(worker)")
      }
      let about = last?.isEstimate == true ? "about " : ""
      return "waiting, \(left), the last goes \(about)at \(viewpoint.time(goes)), "
        + viewpoint.wait(until: goes)
    case "new": return "new; no worker has looked at it yet"
    case "delayed":
      let until = facts.delayedUntil.map { " until \(viewpoint.time($0))" } ?? ""
      return "delayed\(until)"
    case "idle": return "nothing pending"
    default:
      let wasDelivered = facts.ending?.outcome == "delivered"
      let reason = wasDelivered ? facts.ending?.reason : nil
      return (wasDelivered ? "nothing pending; " : "") + state
        + (facts.ending.map { " at \(viewpoint.time($0.at))" } ?? "")
        + (reason.map { "; \(printable($0))" } ?? "")
    }
  }

  private var wants: String {
    let ids = (facts.asks.ids + facts.delayed.ids).sorted().prefix(10)
    let all = facts.asks.count + facts.delayed.count
    if all == 0 { return "" }
    let more = all > ids.count ? ", …" : ""
    return "\(counted(all, "ask")) (\(ids.map(String.init).joined(separator: ", "))\(more))"
  }

  var object: JSONObject {
    JSONObject([
      ("schema", .int(1)),
      ("account", .text(facts.account)),
      ("kind", .text(facts.selector.rawValue)),
      ("lane", .text(facts.name)),
      ("state", .text(state)),
      ("goes_at", .of(last?.goesAt.map(viewpoint.rfc3339))),
      ("estimate", .json("\(last?.isEstimate ?? false)")),
      ("blockers", .list(blockers)),
      ("asks", .int(facts.asks.count + facts.delayed.count)),
      ("previews_left", .int(facts.previewsLeft)),
      ("previews_known", .int(facts.previewsKnown)),
      ("last_preview", .of(facts.last)),
      ("ended_at", .of(facts.isPending ? nil : (facts.ending?.at).map(viewpoint.rfc3339))),
      ("reason", .of(facts.ending?.reason)),
    ])
  }

  /// What keeps it: its previews, each of which has blockers of its own.
  private var blockers: [JSONObject] {
    guard facts.previewsLeft > 0 else { return [] }
    return [
      JSONObject([
        ("code", .text("previews")),
        ("until", .of(last?.goesAt.map(viewpoint.rfc3339))),
        ("decides", .json("true")),
        ("summary", .text("\(counted(facts.previewsLeft, "preview")) left")),
      ])
    ]
  }
}
