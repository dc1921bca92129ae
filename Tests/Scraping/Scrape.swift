/// Prometheus's text format as a collector reads it. It shares no code with what writes it.
package struct Scrape: Sendable {
  package struct Sample: Hashable, Sendable {
    package var name = ""
    package var labels: [String: String] = [:]
    package var value = 0.0
  }

  package struct Malformed: Error { package let line: String }

  package private(set) var samples: [Sample] = []
  package private(set) var types: [String: String] = [:]
  package private(set) var helps: [String: String] = [:]

  package init(_ text: String) throws {
    guard text.isEmpty || text.hasSuffix("\n") else { throw Malformed(line: "the last one") }
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 3)
      if line.hasPrefix("# HELP "), words.count == 4 {
        helps[String(words[2])] = String(words[3])
      } else if line.hasPrefix("# TYPE "), words.count == 4 {
        types[String(words[2])] = String(words[3])
      } else {
        samples.append(try Self.sample(line))
      }
    }
  }

  /// The sum of the samples that have this name and these labels, whatever else they have. Nil if
  /// there are none.
  package func sum(_ name: String, _ labels: [String: String] = [:]) -> Double? {
    let found = samples.filter { sample in
      sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
    }
    return found.isEmpty ? nil : found.reduce(0) { $0 + $1.value }
  }

  /// The names without the suffixes of histograms.
  package var metrics: Set<String> {
    Set(
      samples.map { sample in
        let ends = ["_bucket", "_sum", "_count"].filter { sample.name.hasSuffix($0) }
        let stem = ends.first.map { String(sample.name.dropLast($0.count)) } ?? sample.name
        return types[stem] == "histogram" ? stem : sample.name
      })
  }

  private static func sample(_ line: Substring) throws -> Sample {
    var sample = Sample()
    var rest = line
    sample.name = String(rest.prefix { $0 != "{" && $0 != " " })
    rest = rest.dropFirst(sample.name.count)
    if rest.first == "{" {
      rest.removeFirst()
      while rest.first != "}" {
        let name = String(rest.prefix { $0 != "=" })
        rest = rest.dropFirst(name.count + 1)
        sample.labels[name] = try quoted(&rest, in: line)
        if rest.first == "," { rest.removeFirst() }
      }
      rest.removeFirst()
    }
    guard rest.first == " ", let value = Double(rest.dropFirst()) else {
      throw Malformed(line: String(line))
    }
    sample.value = value
    return sample
  }

  private static func quoted(_ rest: inout Substring, in line: Substring) throws -> String {
    guard rest.popFirst() == "\"" else { throw Malformed(line: String(line)) }
    var text = ""
    while let character = rest.popFirst() {
      if character == "\"" { return text }
      if character != "\\" {
        text.append(character)
        continue
      }
      switch rest.popFirst() {
      case "\\": text.append("\\")
      case "\"": text.append("\"")
      case "n": text.append("\n")
      default: throw Malformed(line: String(line))
      }
    }
    throw Malformed(line: String(line))
  }
}
