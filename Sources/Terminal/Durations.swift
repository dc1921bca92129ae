import Glibc

/// Milliseconds from `500ms`, `10s`, `5m`, `2h` or `7d`.
package func parseDuration(_ text: String) throws(Failure) -> Int {
  let digits = text.prefix { $0.isASCII && $0.isNumber }
  let unit = String(text.dropFirst(digits.count))
  let milliseconds = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
  guard let count = Int(digits), let scale = milliseconds[unit] else {
    throw Failure(
      .usage,
      "'\(printable(text))' is not a duration; write a number and a unit: 500ms, 10s, 5m, 2h, 7d")
  }
  let (total, overflow) = count.multipliedReportingOverflow(by: scale)
  guard !overflow, total <= longestDuration_ms else {
    throw Failure(.usage, "'\(text)' is too long; the maximum is ten years (3650d)")
  }
  return total
}

private let longestDuration_ms = 3_650 * 86_400_000

/// A duration in its two largest units, without a second unit that is zero: `4.2 s`, `3 min 5 s`,
/// `2 h`.
package func describeDuration(_ milliseconds: Int) -> String {
  let seconds = milliseconds / 1_000
  return switch seconds {
  case ..<10: "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s"
  case ..<60: "\(seconds) s"
  case ..<3_600: pair(seconds, 60, "min", "s")
  case ..<86_400: pair(seconds / 60, 60, "h", "min")
  default: pair(seconds / 3_600, 24, "d", "h")
  }
}

private func pair(_ amount: Int, _ size: Int, _ large: String, _ small: String) -> String {
  let rest = amount % size
  return rest == 0 ? "\(amount / size) \(large)" : "\(amount / size) \(large) \(rest) \(small)"
}

/// A wall-clock moment for people to read: local time, with seconds.
package func describeMoment(wall_ms: Int) -> String {
  var seconds = time_t(wall_ms / 1_000)
  var parts = tm()
  localtime_r(&seconds, &parts)
  var text = [CChar](repeating: 0, count: 32)
  let count = strftime(&text, text.count, "%Y-%m-%d %H:%M:%S", &parts)
  return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// A wall-clock moment for programs: RFC 3339 in UTC, with milliseconds: `2026-11-29T07:38:16.200Z`.
package func describeUTC(wall_ms: Int) -> String {
  let seconds = wall_ms >= 0 ? wall_ms / 1_000 : (wall_ms - 999) / 1_000
  let rest = wall_ms - seconds * 1_000
  return "\(utcSeconds(seconds)).\(String(1_000 + rest).dropFirst())Z"
}

/// Seconds since 1970 as `2026-11-29T07:38:16`, in UTC.
package func utcSeconds(_ since1970: Int) -> String {
  var seconds = time_t(since1970)
  var parts = tm()
  gmtime_r(&seconds, &parts)
  var text = [CChar](repeating: 0, count: 32)
  let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
  return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
