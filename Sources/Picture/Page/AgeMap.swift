import Planning
import Terminal

/// How long asks waited, over time: a heat map whose rows grow as the waits do.
struct AgeMap {
  let history: QueueHistory

  /// The longest wait of each row, from the bottom. The last row has no bound.
  static let bounds: [Int] = Staleness.bounds

  /// The row of a wait.
  static func row(of waited_ms: Int) -> Int {
    bounds.firstIndex { waited_ms <= $0 } ?? bounds.count
  }

  /// How dark a cell is, from 1 to 5, by orders of magnitude.
  static func shade(_ asks: Int, most: Int) -> Int {
    if most <= 1 { return 5 }
    var (shade, share) = (5, asks)
    while shade > 1, share < most {
      share *= 4
      shade -= 1
    }
    return shade
  }

  var html: HTML {
    let cells = cells
    guard let most = cells.values.max() else {
      return #"<p class="none">Nothing was delivered.</p>"#
    }
    return """
      <figure class="chart"><figcaption><span class="sum">Asks by when they were delivered and how \
      long they had waited; the darker, the more. \(summary)</span></figcaption>
      <div class="plot ages">\(scale)<svg role="img" aria-label="\(description)" \
      viewBox="0 0 \(plain: columns) \(plain: rows)" preserveAspectRatio="none"\
      \(Hovering.moments(history.window))>\(paths(cells, most))</svg></div>\
      \(TimeAxis(window: history.window, zone: history.zone).html)</figure>
      """
  }

  private var columns: Int { history.window.places(step: history.window.coarse_ms) }
  private var rows: Int { Self.bounds.count + 1 }

  private struct Cell: Hashable {
    let column: Int
    let row: Int
  }

  private var cells: [Cell: Int] {
    history.waits.reduce(into: [:]) {
      $0[Cell(column: $1.place, row: Self.row(of: $1.waited_ms)), default: 0] += $1.asks
    }
  }

  private func paths(_ cells: [Cell: Int], _ most: Int) -> [HTML] {
    let ordered = cells.sorted { ($0.key.column, $0.key.row) < ($1.key.column, $1.key.row) }
    return (1...5).map { shade -> HTML in
      let path = ordered.filter { Self.shade($0.value, most: most) == shade }.map {
        "M\($0.key.column) \(rows - 1 - $0.key.row)h1v1h-1z"
      }.joined()
      return path.isEmpty ? .nothing : #"<path class="heat\#(plain: shade)" d="\#(path)"/>"#
    }
  }

  /// Every other bound, because they stand close to each other.
  private var scale: HTML {
    let labels = stride(from: 0, to: Self.bounds.count, by: 2).map { row -> HTML in
      let down = (rows - 1 - row) * 1_000 / rows
      return #"<text x="100%" y="\#(percent(down))">\#(spelled(Self.bounds[row]))</text>"#
    }
    return #"<svg class="scale" aria-hidden="true">\#(labels)</svg>"#
  }

  private var summary: String {
    let delays = history.delays
    guard let median = delays.percentile(50), let late = delays.percentile(99) else { return "" }
    return
      "Half of \(counted(delays.asks, "ask")) waited for at most \(spelled(median)), 99 of 100 "
      + "for at most \(spelled(late))."
  }

  private var description: String {
    let worst = history.delays.worst_ms.map { " The longest wait was \(spelled($0))." } ?? ""
    return "Waiting times over time. \(summary)\(worst)"
  }
}
