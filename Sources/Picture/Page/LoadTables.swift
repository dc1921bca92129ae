import Planning
import Terminal

/// How full calls were, and how long asks waited by the hour.
struct LoadTables {
  let history: QueueHistory

  /// Calls by how many tokens they carried.
  var tokens: HTML {
    let most = Preview.tokensPerCall
    let counts = (1...most).map { tokens in
      history.packing.filter { min($0.tokens, most) == tokens }.reduce(0) { $0 + $1.calls }
    }
    return shares(
      "Tokens in a call", (1...most).map { grouped($0) }, counts,
      note: "at most \(most); \(Self.mean(history.packing)) on average")
  }

  /// Calls by how many users they were for.
  var users: HTML {
    let counts = UserClass.allCases.map { wanted in
      history.packing.filter { UserClass($0.users) == wanted }.reduce(0) { $0 + $1.calls }
    }
    return shares(
      "Users in a call", UserClass.allCases.map(\.rawValue), counts,
      note: "at most \(Preview.peoplePerCall)")
  }

  private func shares(
    _ title: String, _ labels: [String], _ counts: [Int], note: String
  ) -> HTML {
    let all = max(1, counts.reduce(0, +))
    let rows = zip(labels, counts).map { label, count -> [HTML] in
      ["\(label)", "\(count)", "\(Meter(count, of: all).html)"]
    }
    return """
      <div><h3>\(title)</h3> <span class="rule">\(note)</span>
      \(HTMLTable([title, "#Calls", "Share"], rows).html)</div>

      """
  }

  static func mean(_ loads: [QueueHistory.Load]) -> String {
    let calls = loads.reduce(0) { $0 + $1.calls }
    let tenths = loads.reduce(0) { $0 + $1.tokens * $1.calls } * 10 / max(1, calls)
    return "\(tenths / 10).\(tenths % 10)"
  }

  var delays: HTML {
    let window = history.window
    let perRow = Dictionary(grouping: history.waits) { wait in
      window.place(window.start(ofPlace: wait.place, step: window.coarse_ms), step: window.row_ms)
    }
    let all = perRow.mapValues { Delays($0) }
    let worst = all.values.compactMap { $0.percentile(99) }.max() ?? 1
    let rows = all.sorted { $0.key < $1.key }.suffix(200).map { place, delays -> [HTML] in
      let (median, late) = (delays.percentile(50) ?? 0, delays.percentile(99) ?? 0)
      let start = max(window.start(ofPlace: place, step: window.row_ms), window.from_ms)
      return [
        "\(String(history.zone.moment(start).dropLast(3)))", "\(delays.asks)", "\(spelled(median))",
        "\(spelled(late))", "\(Meter(late, of: worst).html)",
      ]
    }
    if rows.isEmpty { return #"<p class="none">Nothing was delivered.</p>"# }
    return HTMLTable(["From", "#Asks", "#Median", "#p99", "p99 against the worst"], rows).html
  }
}

/// Users of a call in the classes that a reader wants to tell apart.
enum UserClass: String, CaseIterable {
  case one = "1"
  case few = "2 to 10"
  case some = "11 to 50"
  case many = "51 to 99"
  case full = "100"
  case everyone

  init(_ users: Int?) {
    switch users {
    case nil: self = .everyone
    case let users? where users <= 1: self = .one
    case let users? where users <= 10: self = .few
    case let users? where users <= 50: self = .some
    case let users? where users < 100: self = .many
    default: self = .full
    }
  }
}

/// A bar beside a number that says the same.
struct Meter {
  private let share: Int

  init(_ part: Int, of whole: Int) { share = whole > 0 ? min(1_000, part * 1_000 / whole) : 0 }

  var html: HTML {
    """
    <svg class="meter" aria-hidden="true"><rect width="\(percent(share))" height="100%"/></svg>
    """
  }
}
