import Terminal

/// Calls per second over the last minute as bars, with the limit as a line. The picture is
/// stretched to the available width, so letters and numbers are placed beside it, in HTML.
struct Chart {
  private static let height = 1_000
  private static let step = 10

  let endpoint: Endpoint
  let counts: [SecondCounts.Count]
  /// Calls per second that an app may make; 0 is no limit.
  let limit: Int

  private var accepted: Int { counts.reduce(0) { $0 + $1.accepted } }
  private var refused: Int { counts.reduce(0) { $0 + $1.refused } }
  private var peak: Int { counts.map(\.all).max() ?? 0 }
  /// A line far above the bars would make them too small to see.
  private var hasLine: Bool { limit > 0 && limit <= max(10, 4 * peak) }
  private var highest: Int { max(hasLine ? limit : 0, peak, 2) }

  /// The last complete second. The current one would always look like a lull.
  private var latest: Int { counts.dropLast().last?.all ?? 0 }

  func html(rule: String) -> HTML {
    """
    <figure class="chart">
    <figcaption><span><h3>\(endpoint.title)</h3> <span class="rule">\(rule)</span></span>
    <span class="sum">last second <b>\(latest)</b>, last minute <b>\(accepted)</b> accepted \
    <b>\(refused)</b> refused</span></figcaption>
    <div class="plot">\(scale)\(picture)</div>
    <div class="axis" aria-hidden="true"><span>60 s ago</span><span>30 s</span><span>now</span></div>
    </figure>

    """
  }

  private var picture: HTML {
    let width = String(counts.count * Self.step)
    return """
      <svg viewBox="0 0 \(width) \(String(Self.height))" preserveAspectRatio="none" role="img" \
      aria-label="\(description)">\
      <path class="accepted" d="\(bars { (0, $0.accepted) })"/>\
      <path class="refused" d="\(bars { ($0.accepted, $0.all) })"/>\(line)</svg>
      """
  }

  private var line: HTML {
    if !hasLine { return .nothing }
    let height = String(Self.height - level(limit))
    return #"<path class="limit" d="M0 \#(height)H\#(String(counts.count * Self.step))"/>"#
  }

  /// The numbers beside the picture: the limit, and the highest bar if the two do not collide.
  private var scale: HTML {
    var marks = hasLine ? [limit] : []
    let isApart = !hasLine || abs(level(peak) - level(limit)) > Self.height / 5
    if isApart && level(peak) > Self.height / 5 { marks.append(peak) }
    let labels = marks.map { mark -> HTML in
      let share = String(level(mark) * 100 / Self.height)
      return #"<span style="bottom:\#(share)%">\#(mark)</span>"#
    }
    return #"<div class="scale" aria-hidden="true">\#(labels)<span style="bottom:0">0</span></div>"#
  }

  private var description: String {
    let bound = limit > 0 ? " The limit is \(grouped(limit))." : ""
    return "\(endpoint.title), calls per second over the last minute: \(grouped(latest)) in the "
      + "last second, at most \(grouped(peak)); \(grouped(accepted)) accepted and "
      + "\(grouped(refused)) refused in all.\(bound)"
  }

  private func bars(_ range: (SecondCounts.Count) -> (low: Int, high: Int)) -> String {
    var path = ""
    for (index, count) in counts.enumerated() {
      let (low, high) = range(count)
      if low == high { continue }
      let (bottom, top) = (Self.height - level(low), Self.height - level(high))
      path += "M\(index * Self.step + 1) \(bottom)V\(top)h\(Self.step - 2)V\(bottom)z"
    }
    return path
  }

  /// The height of a bar, leaving some space above the line and the bars.
  private func level(_ calls: Int) -> Int { calls * Self.height * 9 / (highest * 10) }
}
