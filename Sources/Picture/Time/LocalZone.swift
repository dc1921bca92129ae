import Planning

/// The local time zone during a stretch of time. A plain value, so that a page is the same wherever it
/// is made.
package struct LocalZone: Equatable, Sendable {
  /// What holds from a moment on, until the next part.
  package struct Part: Equatable, Sendable {
    package let from_ms: Int
    package let offset_s: Int
    package let name: String

    package init(from_ms: Int, offset_s: Int, name: String) {
      self.from_ms = from_ms
      self.offset_s = offset_s
      self.name = name
    }
  }

  /// In the order of time. Clocks that are set twice a year make a second part.
  package let parts: [Part]

  package init(parts: [Part]) {
    self.parts = parts.isEmpty ? [Part(from_ms: .min, offset_s: 0, name: "UTC")] : parts
  }

  package static let utc = LocalZone(parts: [])

  package func part(at ms: Int) -> Part {
    parts.last { $0.from_ms <= ms } ?? parts[0]
  }

  /// `CST (UTC+08:00)`, or both names if the clocks were set.
  package var title: String {
    var titles: [String] = []
    for part in parts where !titles.contains(Self.title(part)) { titles.append(Self.title(part)) }
    return titles.joined(separator: ", then ")
  }

  private static func title(_ part: Part) -> String {
    let minutes = abs(part.offset_s) / 60
    let sign = part.offset_s < 0 ? "-" : "+"
    let offset = "UTC\(sign)\(twoDigits(minutes / 60)):\(twoDigits(minutes % 60))"
    return part.name == "UTC" ? "UTC" : "\(part.name) (\(offset))"
  }
}

/// Moments as text. All take milliseconds since 1970.
extension LocalZone {
  /// `14:05`.
  package func minute(_ ms: Int) -> String {
    let seconds = secondOfDay(ms)
    return "\(twoDigits(seconds / 3_600)):\(twoDigits(seconds / 60 % 60))"
  }

  /// `14:05:07`.
  package func second(_ ms: Int) -> String { "\(minute(ms)):\(twoDigits(secondOfDay(ms) % 60))" }

  /// `2026-12-02`.
  package func date(_ ms: Int) -> String {
    let (year, month, day) = civil(daysSince1970(ms))
    return "\(year)-\(twoDigits(month))-\(twoDigits(day))"
  }

  /// `2026-12-02 14:05:07`.
  package func moment(_ ms: Int) -> String { "\(date(ms)) \(second(ms))" }

  private func localSeconds(_ ms: Int) -> Int {
    floorDivide(ms, 1_000) + part(at: ms).offset_s
  }

  private func secondOfDay(_ ms: Int) -> Int {
    let seconds = localSeconds(ms)
    return seconds - floorDivide(seconds, 86_400) * 86_400
  }

  private func daysSince1970(_ ms: Int) -> Int { floorDivide(localSeconds(ms), 86_400) }
}

func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
