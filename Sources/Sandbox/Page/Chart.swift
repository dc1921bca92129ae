import Picture
import Terminal

/// Calls per second over the last minute as bars, with the limit as a line.
struct Chart {
  let endpoint: Endpoint
  let counts: [SecondCounts.Count]
  /// Calls per second that an app may make; 0 is no limit.
  let limit: Int

  private var accepted: Int { counts.reduce(0) { $0 + $1.accepted } }
  private var refused: Int { counts.reduce(0) { $0 + $1.refused } }

  /// The last complete second. The current one would always look like a lull.
  private var latest: Int { counts.dropLast().last?.all ?? 0 }

  func html(rule: String) -> HTML {
    """
    <figure class="chart">
    <figcaption><div><h3>\(endpoint.title)</h3> <span class="rule">\(rule)</span></div>
    <span class="sum">last second <b>\(latest)</b>, last minute <b>\(accepted)</b> accepted \
    <b>\(refused)</b> refused</span></figcaption>
    \(plot.html)
    <div class="axis" aria-hidden="true"><span>60 s ago</span><span>30 s</span><span>now</span></div>
    </figure>

    """
  }

  private var plot: BarPlot {
    BarPlot(
      [
        BarPlot.Series("accepted", counts.map(\.accepted)),
        BarPlot.Series("refused", counts.map(\.refused)),
      ], limit: limit, description: description)
  }

  private var description: String {
    let bound = limit > 0 ? " The limit is \(grouped(limit))." : ""
    let peak = counts.map(\.all).max() ?? 0
    return "\(endpoint.title), calls per second over the last minute: \(grouped(latest)) in the "
      + "last second, at most \(grouped(peak)); \(grouped(accepted)) accepted and "
      + "\(grouped(refused)) refused in all.\(bound)"
  }
}
