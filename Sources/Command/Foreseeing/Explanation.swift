import Delivery
import Larkspur
import Planning
import QueueAccess
import Terminal

/// Everything between a lane and Feishu, for people and for programs.
struct Explanation {
  let facts: LaneFacts
  /// Nil if the lane waits for nothing.
  let forecast: LaneForecast?
  let viewpoint: Viewpoint

  /// These words are an interface.
  enum State: String {
    case new, delayed, waiting, paused, parked
    case inFlight = "in_flight"
    case delivered, dead, expired, cancelled, idle
  }

  var state: State {
    guard let forecast else { return past }
    if facts.standing?.state == .inFlight { return .inFlight }
    let reasons = Set(forecast.opening.because.map(\.reason))
    if reasons.contains(.parked) { return .parked }
    if !reasons.isDisjoint(with: [.paused, .quota]) { return .paused }
    if facts.standing != nil { return .waiting }
    return facts.asks.count > 0 ? .new : .delayed
  }

  /// How what was asked for last has ended.
  private var past: State {
    let last = facts.lastCall
    if let ending = facts.ending, last?.ended.map({ $0 <= ending.at }) ?? true {
      return State(rawValue: ending.outcome) ?? .idle
    }
    if facts.ending?.dead ?? 0 > 0 { return .dead }
    return last?.outcome == "delivered" ? .delivered : .idle
  }
}

extension Explanation {
  func text(_ inspector: borrowing Inspector) throws(Failure) -> String {
    var lines = [["\(facts.kind.rawValue) \(printable(facts.name)) \(place): \(headline)"]]
    let sentences = BlockerText(facts: facts, forecast: forecast, viewpoint: viewpoint)
    if let forecast {
      lines.append(["", "wants", wants])
      let blockers = try sentences.lines(inspector)
      lines += blockers.map { ["", $0.name, $0.text + ($0.decides ? "     <- decides" : "")] }
      if let call = forecast.call { lines.append(["", "call", describe(call)]) }
    }
    if let past = lastCall { lines.append(["", "last", past]) }
    if let error = facts.error, forecast != nil { lines.append(["", "error", printable(error)]) }
    if let advice { lines.append(["", "next", advice]) }
    if forecast != nil { lines.append(["", "worker", sentences.worker]) }
    let width = lines.dropFirst().map { $0[1].count }.max() ?? 0
    return lines.map { line in
      if line.count == 1 { return line[0] }
      return "  \(line[1])\(String(repeating: " ", count: width - line[1].count + 2))\(line[2])"
    }.joined(separator: "\n")
  }

  private var place: String { "(account \(printable(facts.account)))" }

  private var headline: String {
    guard let forecast else { return pastHeadline }
    let word = state.rawValue.replacing("_", with: " ") + (facts.isUrgent ? ", urgent" : "")
    guard let goes = forecast.goesAt else {
      return state == .inFlight ? "in flight" : "\(word), goes \(condition(forecast))"
    }
    let about = forecast.isEstimate ? "about " : ""
    let again = state == .inFlight ? ", goes again" : ", goes"
    return "\(word)\(again) \(about)at \(viewpoint.time(goes)), \(viewpoint.wait(until: goes))"
  }

  /// What has to happen before it goes, if no moment is known. What a person has to do comes first.
  private func condition(_ forecast: LaneForecast) -> String {
    let reasons = Set(forecast.opening.because.map(\.reason))
    if reasons.contains(.unconfigured) { return "once its account is configured" }
    if reasons.contains(.parked) { return "once its account is resumed" }
    let needs = forecast.opening.because.filter { $0.until == nil }.map(\.reason)
    let signsIn = needs.contains(.credentials) ? "its account can sign in" : nil
    let responds = viewpoint.silent == nil ? "a worker runs" : "the worker responds"
    let works = reasons.contains(.noWorker) ? responds : nil
    let both = [signsIn, works].compactMap { $0 }
    if !both.isEmpty { return "once " + both.joined(separator: " and ") + earliest(forecast) }
    if reasons.contains(.quota) { return "once the month's quota allows it" }
    if reasons.contains(.reserve) { return "once calls are left beside those for urgent asks" }
    return "once calls in flight are answered"
  }

  /// The end of what has a known end, such as a pause.
  private func earliest(_ forecast: LaneForecast) -> String {
    let ends = forecast.opening.because.compactMap(\.until).filter { $0 > viewpoint.now }
    return ends.max().map { ", at \(viewpoint.time($0)) at the earliest" } ?? ""
  }

  private var pastHeadline: String {
    let nothing = "nothing pending"
    return switch state {
    case .delivered:
      nothing + "; delivered"
        + (facts.lastCall?.ended.map { " at \(viewpoint.time($0))" } ?? "")
    case .dead, .expired, .cancelled:
      "\(state.rawValue)" + (facts.ending.map { " at \(viewpoint.time($0.at))" } ?? "")
        + (deathReason.map { ": \(printable($0))" } ?? "")
    default: nothing
    }
  }

  private var deathReason: String? { state == .dead ? facts.ending?.reason : nil }

  private var wants: String {
    var parts: [String] = []
    if facts.isForEveryone {
      parts.append("everyone")
    } else if let people = facts.people {
      parts.append(counted(people, "user"))
    }
    let all = facts.asks.count + facts.delayed.count
    let ids = (facts.asks.ids + facts.delayed.ids).sorted().prefix(10)
    let more = all > ids.count ? ", …" : ""
    if all > 0 {
      parts.append(
        "\(counted(all, "ask")) (\(ids.map(String.init).joined(separator: ", "))\(more))")
    }
    if !facts.keys.isEmpty {
      parts.append("as a part of \(facts.keys.map(printable).joined(separator: ", "))")
    }
    let oldest = [facts.asks.oldest, facts.delayed.oldest].compactMap { $0 }.min()
    if let oldest { parts.append("oldest from \(viewpoint.time(oldest))") }
    return parts.joined(separator: ", ")
  }

  private func describe(_ call: Rehearsal.Call) -> String {
    let others = call.lanes.count - 1
    let company = others == 0 ? "alone" : "with \(counted(others, "other lane"))"
    return switch call.audience {
    case nil: company
    case .everyone?: "\(company), for everyone"
    case .people(let people)?: "\(company), for \(counted(people.count, "user"))"
    }
  }

  private var lastCall: String? {
    guard let call = facts.lastCall else { return nil }
    var text = "call \(call.id) at \(viewpoint.time(call.started))"
    if let outcome = call.outcome { text += ": \(outcome)" }
    let details = [
      call.code.map { "code \($0)" }, call.httpStatus.map { "HTTP \($0)" },
      call.logID.map { "log id \(printable($0))" },
    ].compactMap { $0 }
    if !details.isEmpty { text += " (\(details.joined(separator: ", ")))" }
    // A lane usually dies of what its last call was told.
    if let message = call.message, call.outcome != "delivered",
      deathReason?.contains(message) != true
    {
      text += " \(printable(message))"
    }
    return text
  }

  /// The command that helps.
  private var advice: String? {
    guard let ending = facts.ending, state == .dead || state == .expired else { return nil }
    let account = facts.account == "default" ? "" : " --account \(printable(facts.account))"
    if state == .dead {
      return "'larkspur retry \(printable(facts.name))\(account)' requeues "
        + counted(ending.dead, "dead ask")
    }
    return (ending.reason.map { "\(printable($0)); " } ?? "") + "enqueue it again"
  }
}

/// JSON for programs. Keys and codes do not change.
extension Explanation {
  var object: JSONObject {
    let sentences = BlockerText(facts: facts, forecast: forecast, viewpoint: viewpoint)
    let blockers = forecast?.opening.because ?? []
    return JSONObject([
      ("schema", .int(1)),
      ("account", .text(facts.account)),
      ("kind", .text(facts.kind.rawValue)),
      ("lane", .text(facts.name)),
      ("state", .text(state.rawValue)),
      ("urgent", .json("\(facts.isUrgent)")),
      ("goes_at", moment(forecast?.goesAt)),
      ("estimate", .json("\(forecast?.isEstimate ?? false)")),
      (
        "blockers",
        .list(
          blockers.map { blocker in
            JSONObject([
              ("code", .text(blocker.reason.rawValue)),
              ("until", moment(blocker.until)),
              ("decides", .json("\(blocker.decides)")),
              ("summary", .text(sentences.summary(of: blocker))),
            ])
          })
      ),
      ("asks", .int(facts.asks.count + facts.delayed.count)),
      ("keys", .json(JSONText.list(facts.keys))),
      ("people", .of(facts.people)),
      ("everyone", .json("\(facts.isForEveryone)")),
      ("place", .of(forecast?.place)),
      ("call_lanes", .of(forecast?.call?.lanes.count)),
      ("last_call", facts.lastCall.map { .object(object(of: $0)) } ?? .null),
      ("dead", .int(facts.ending?.dead ?? 0)),
      ("reason", .of(facts.ending?.reason)),
    ])
  }

  private func object(of call: CallFacts) -> JSONObject {
    JSONObject([
      ("call", .int(call.id)), ("started_at", moment(call.started)),
      ("ended_at", moment(call.ended)), ("outcome", .of(call.outcome)),
      ("http_status", .of(call.httpStatus)), ("code", .of(call.code)),
      ("message", .of(call.message)), ("log_id", .of(call.logID)),
    ])
  }

  private func moment(_ moment: Moment?) -> JSONObject.Value {
    .of(moment.map(viewpoint.rfc3339))
  }
}
