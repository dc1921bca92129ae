/// The known word the user most likely meant, if one is close enough to suggest.
package func nearest(to word: String, among known: [String]) -> String? {
  let letters = word.drop { $0 == "-" }.count
  let begun = known.filter { $0.hasPrefix(word) }
  if letters > 1, begun.count == 1 { return begun[0] }
  let scored = known.map { (distance(word, $0), $0) }
  guard let (best, name) = scored.min(by: { $0.0 < $1.0 }) else { return nil }
  // Of a short word, not every letter may differ.
  let tolerance = min(max(2, word.count / 3), max(1, letters - 1))
  return best <= tolerance && best < name.count ? name : nil
}

/// The number of letters to insert, delete, replace or swap to turn one word into the other.
func distance(_ first: String, _ second: String) -> Int {
  // Bounded, so that a pasted page of text is not compared letter by letter.
  let a = Array(first.unicodeScalars.prefix(64))
  let b = Array(second.unicodeScalars.prefix(64))
  var rows = [Array(0...b.count)]
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var cost = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
      if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
        cost = min(cost, rows[i - 1][j - 1] + 1)
      }
      row.append(cost)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
