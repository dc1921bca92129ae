import Glibc
import Terminal

/// Times for programs: `2026-11-21T06:00:00Z`. The views write local time, so the local time zone
/// is set to UTC.
enum UTCText {
  /// Call this before the first query, because the time zone is read only once.
  static func useUTC() {
    setenv("TZ", "UTC0", 1)
  }

  /// Returns `2026-11-21 06:00:00` as ISO 8601 and anything else unchanged.
  static func iso8601(_ value: JSONObject.Value) -> JSONObject.Value {
    guard case .text(let text) = value else { return value }
    let bytes = Array(text.utf8)
    let pattern = Array("dddd-dd-dd dd:dd:dd".utf8)
    guard bytes.count == pattern.count else { return value }
    let fits = zip(bytes, pattern).allSatisfy { byte, wanted in
      wanted == UInt8(ascii: "d") ? (48...57).contains(byte) : byte == wanted
    }
    return fits ? .text("\(text.prefix(10))T\(text.suffix(8))Z") : value
  }
}
