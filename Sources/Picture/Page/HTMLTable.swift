/// A table that can be scrolled sideways on a narrow screen.
struct HTMLTable {
  let titles: [(text: String, isNumber: Bool)]
  let rows: [[HTML]]

  /// A title that begins with `#` is that of a column of numbers.
  init(_ titles: [String], _ rows: [[HTML]]) {
    self.titles = titles.map {
      ($0.hasPrefix("#") ? String($0.dropFirst()) : $0, $0.hasPrefix("#"))
    }
    self.rows = rows
  }

  var html: HTML {
    let head = titles.map { title -> HTML in
      #"<th scope="col"\#(style(title.isNumber))>\#(title.text)</th>"#
    }
    let body = rows.map { row -> HTML in
      let cells = zip(titles, row).map { title, cell -> HTML in
        "<td\(style(title.isNumber))>\(cell)</td>"
      }
      return "<tr>\(cells)</tr>\n"
    }
    return """
      <div class="wide"><table><thead><tr>\(head)</tr></thead><tbody>
      \(body)</tbody></table></div>
      """
  }

  private func style(_ isNumber: Bool) -> HTML { isNumber ? #" class="number""# : .nothing }
}
