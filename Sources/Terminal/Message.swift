/// A message of the form `what failed: why; what to do`, as the programs print it.
package struct Message {
  package let summary: String
  package let fix: String?

  package init(_ sentence: String) {
    guard let end = sentence.ranges(of: "; ").last else {
      summary = sentence
      fix = nil
      return
    }
    summary = String(sentence[..<end.lowerBound])
    fix = String(sentence[end.upperBound...])
  }

  /// With what to do if it is known. It may have a semicolon of its own, as SQL often has.
  package init(_ sentence: String, fix: String?) {
    guard let fix, sentence.hasSuffix("; \(fix)") else {
      self = Message(sentence)
      return
    }
    summary = String(sentence.dropLast(fix.count + 2))
    self.fix = fix
  }
}
