import Terminal

/// Bars of counts over time, stacked, with a limit as a line. The bars are stretched to the available
/// width, so letters and numbers are placed beside them.
package struct BarPlot {
  package struct Series {
    /// The class in the style sheet.
    let style: String
    let counts: [Int]

    package init(_ style: String, _ counts: [Int]) {
      self.style = style
      self.counts = counts
    }
  }

  /// A stretch of time behind the bars, in thousandths of the width.
  package struct Band: Equatable {
    let style: String
    let from: Int
    let to: Int

    package init(_ style: String, from: Int, to: Int) {
      self.style = style
      self.from = from
      self.to = to
    }
  }

  private static let height = 1_000
  private static let step = 10
  /// The height of the smallest part of a bar, so that a few failed calls among thousands are seen.
  private static let least = 15

  /// From the bottom to the top. All have as many counts.
  private let series: [Series]
  private let totals: [Int]
  private let limit: Int?
  private let bands: [Band]
  /// What the picture shows, for those who cannot see it.
  private let description: String
  /// Further attributes of the picture.
  private let attributes: HTML

  package init(
    _ series: [Series], limit: Int?, bands: [Band] = [], description: String,
    attributes: HTML = .nothing
  ) {
    self.series = series
    totals = (series.first?.counts ?? []).indices.map { place in
      series.reduce(0) { $0 + $1.counts[place] }
    }
    self.limit = limit
    self.bands = bands
    self.description = description
    self.attributes = attributes
  }

  package var peak: Int { totals.max() ?? 0 }

  /// A line far above the bars would make them too small to see.
  package var line: Int? { limit.flatMap { $0 > 0 && $0 <= max(10, 4 * peak) ? $0 : nil } }

  private var highest: Int { max(line ?? 0, peak, 2) }

  package var html: HTML { "<div class=\"plot\">\(scale)\(picture)</div>" }

  private var picture: HTML {
    let width = totals.count * Self.step
    let paths = series.indices.map { place -> HTML in
      let path = bars(of: place)
      return path.isEmpty ? .nothing : #"<path class="\#(series[place].style)" d="\#(path)"/>"#
    }
    return """
      <svg role="img" aria-label="\(description)"\(attributes)>\(bands.map(rectangle))\
      <svg viewBox="0 0 \(plain: width) \(plain: Self.height)" preserveAspectRatio="none">\
      \(paths)\(linePath)</svg></svg>
      """
  }

  private func rectangle(_ band: Band) -> HTML {
    """
    <rect class="\(band.style)" x="\(percent(band.from))" y="0" \
    width="\(percent(max(1, band.to - band.from)))" height="100%"/>
    """
  }

  private var linePath: HTML {
    guard let line else { return .nothing }
    let width = totals.count * Self.step
    return #"<path class="limit" d="M0 \#(plain: Self.height - level(line))H\#(plain: width)"/>"#
  }

  /// The numbers beside the picture: the limit, and the highest bar if the two do not collide.
  private var scale: HTML {
    let apart = Self.height / 5
    var marks = line.map { [$0] } ?? []
    let isApart = line.map { abs(level(peak) - level($0)) > apart } ?? true
    if isApart && level(peak) > apart { marks.append(peak) }
    let labels = (marks + [0]).map { mark -> HTML in
      let down = 100 - level(mark) * 100 / Self.height
      return #"<text x="100%" y="\#(plain: down)%">\#(mark)</text>"#
    }
    return #"<svg class="scale" aria-hidden="true">\#(labels)</svg>"#
  }

  private func bars(of place: Int) -> String {
    var path = ""
    for index in totals.indices where series[place].counts[index] > 0 {
      let low = series[..<place].reduce(0) { $0 + thickness($1.counts[index]) }
      let bottom = Self.height - low
      let top = bottom - thickness(series[place].counts[index])
      path += "M\(index * Self.step + 1) \(bottom)V\(top)h\(Self.step - 2)V\(bottom)z"
    }
    return path
  }

  private func thickness(_ calls: Int) -> Int { calls > 0 ? max(level(calls), Self.least) : 0 }

  /// The height of a bar, leaving some space above the line and the bars.
  private func level(_ calls: Int) -> Int { calls * Self.height * 9 / (highest * 10) }
}
