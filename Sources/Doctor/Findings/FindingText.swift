import Planning
import Terminal

/// Findings in words and as JSON, one line each.
extension Finding {
  /// Safe to show on a terminal.
  package var line: String {
    let word = grade.rawValue + String(repeating: " ", count: 9 - grade.rawValue.count)
    return printable("\(word)\(code.area.rawValue): \(summary)" + (fix.map { "; \($0)" } ?? ""))
  }

  /// Safe to show on a terminal.
  package var json: String {
    printableJSON(
      JSONText.object([
        ("area", JSONText.string(code.area.rawValue)),
        ("code", JSONText.string(code.rawValue)),
        ("grade", JSONText.string(grade.rawValue)),
        ("summary", JSONText.string(summary)),
        ("fix", fix.map(JSONText.string) ?? "null"),
      ]))
  }
}

extension [Finding] {
  /// The exit code of the worst finding. Of several that are wrong, the one that the others may
  /// come from decides: the queue, the configuration, credentials, the network, the worker.
  package func exitCode(isStrict: Bool) -> ExitCode {
    let codes = compactMap(\.exit)
    let order: [ExitCode] = [
      .databaseNotUsable, .configuration, .noPermission, .unreachable, .timeIsUp,
    ]
    if let worst = order.first(where: codes.contains) { return worst }
    return isStrict && contains { $0.grade == .warn } ? .dead : .done
  }

  /// How many there are of each grade, the worst first: `1 wrong, 2 warnings, 14 fine`.
  package var tally: String {
    func count(_ grade: Finding.Grade) -> Int { filter { $0.grade == grade }.count }
    var parts: [String] = []
    if count(.wrong) > 0 { parts.append("\(grouped(count(.wrong))) wrong") }
    if count(.warn) > 0 { parts.append(counted(count(.warn), "warning")) }
    if count(.unknown) > 0 { parts.append("\(grouped(count(.unknown))) unknown") }
    parts.append("\(grouped(count(.fine))) fine")
    return parts.joined(separator: ", ")
  }
}
