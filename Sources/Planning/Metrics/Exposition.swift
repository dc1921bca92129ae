/// Prometheus's text format for metrics, version 0.0.4.
package struct Exposition {
  package enum MetricType: String { case gauge, counter, histogram }

  package struct Label: Hashable {
    let name: String
    let value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package struct Sample {
    /// What follows the metric's name: a histogram has `_bucket`, `_sum` and `_count`.
    let suffix: String
    let labels: [Label]
    let value: String

    package init(_ value: String, _ labels: [Label] = [], suffix: String = "") {
      self.value = value
      self.labels = labels
      self.suffix = suffix
    }

    package init(_ value: Int, _ labels: [Label] = [], suffix: String = "") {
      self.init(String(value), labels, suffix: suffix)
    }
  }

  package private(set) var text = ""

  package init() {}

  /// Adds a metric. Without samples it is left out.
  package mutating func add(
    _ name: String, _ type: MetricType, help: String, _ samples: [Sample]
  ) {
    if samples.isEmpty { return }
    text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n"
    text += "# TYPE \(name) \(type.rawValue)\n"
    for sample in samples { add(sample, of: name) }
  }

  private mutating func add(_ sample: Sample, of name: String) {
    text += name
    text += sample.suffix
    var separator = "{"
    for label in sample.labels {
      text += "\(separator)\(label.name)=\"\(Self.escaped(label.value, quotes: true))\""
      separator = ","
    }
    if !sample.labels.isEmpty { text += "}" }
    text += " "
    text += sample.value
    text += "\n"
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    // Nearly all text needs no escaping, and the loop below is slow.
    if text.utf8.allSatisfy({ $0 != 0x5C && $0 != 0x22 && $0 != 0x0A }) { return text }
    return text.unicodeScalars.reduce(into: "") { escaped, scalar in
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(scalar)
      }
    }
  }

  /// Milliseconds as seconds, exactly.
  package static func seconds(_ milliseconds: Int) -> String {
    let (whole, rest) = milliseconds.magnitude.quotientAndRemainder(dividingBy: 1_000)
    let sign = milliseconds < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    var digits = String(String(1_000 + rest).dropFirst())
    while digits.last == "0" { digits.removeLast() }
    return "\(sign)\(whole).\(digits)"
  }
}
