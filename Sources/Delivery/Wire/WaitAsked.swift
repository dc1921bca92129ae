import Planning

/// How long a server asks to wait, in the headers of an answer.
enum WaitAsked {
  /// Reads `x-ogw-ratelimit-reset` first, then `Retry-After`, which is not documented but may come
  /// from a gateway. The documented unit is seconds; a value close to the current time is taken as
  /// a moment. No wait is longer than an hour.
  static func read(_ headers: [String: String], received: WallMoment) -> Span? {
    // A moment is on the server's clock, so the date in the answer is used if there is one.
    let now = headers["date"].flatMap(HTTPDate.moment) ?? received
    for name in ["x-ogw-ratelimit-reset", "retry-after"] {
      guard let text = headers[name]?.split(whereSeparator: \.isWhitespace) else { continue }
      if let wait = wait(text.joined(separator: " "), now: now), wait > 0 {
        return min(wait, longest)
      }
    }
    return nil
  }

  private static let longest: Span = .hours(1)

  private static func wait(_ text: String, now: WallMoment) -> Span? {
    if let moment = HTTPDate.moment(text) { return moment - now }
    guard let value = thousandths(text) else { return nil }
    // A moment may be in milliseconds, which gives it three digits more.
    for moment in [value, value / 1_000].map(WallMoment.init(ms:)) where isMoment(moment, now: now)
    {
      return moment - now
    }
    return value
  }

  private static func isMoment(_ value: WallMoment, now: WallMoment) -> Bool {
    value.ms > .days(365) && abs(value - now) <= .days(1)
  }

  /// A decimal number times a thousand, rounded up and bounded.
  private static func thousandths(_ text: String) -> Int? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && isDigits($0) }) else {
      return nil
    }
    let fraction = parts.count == 2 ? parts[1] : ""
    let digits = fraction.prefix(3) + String(repeating: "0", count: 3 - fraction.prefix(3).count)
    let value = Int(parts[0] + digits) ?? most
    return min(most, value) + (fraction.dropFirst(3).contains { $0 != "0" } ? 1 : 0)
  }

  private static let most: Span = .days(1_000_000_000)

  private static func isDigits(_ text: Substring) -> Bool {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}

/// A date as HTTP writes it today: `Sun, 06 Nov 1994 08:49:37 GMT`.
package enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Nil for anything else.
  package static func moment(_ text: String) -> WallMoment? {
    let words = text.split { $0 == " " || $0 == "," }
    guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])),
      let day = number(words[1], 1...31), let year = number(words[3], 1970...9999)
    else { return nil }
    let clock = words[4].split(separator: ":")
    guard clock.count == 3, let hours = number(clock[0], 0...23),
      let minutes = number(clock[1], 0...59), let seconds = number(clock[2], 0...60)
    else { return nil }
    let days = daysFromCivil(year: year, month: month + 1) + day - 1
    return WallMoment(
      ms: .days(days) + .hours(hours) + .minutes(minutes) + .seconds(seconds))
  }

  private static func number(_ text: Substring, _ range: ClosedRange<Int>) -> Int? {
    Int(text).flatMap { range.contains($0) ? $0 : nil }
  }
}
