import Glibc

/// In which time zone the server writes times.
enum SharedTime {
  /// Call this before the first statement, because the server hears of the zone when the connection is made. It gets
  /// the offset of this machine and no name, because it may know other names.
  static func choose(_ global: GlobalOptions) {
    if global.wantsJSON {
      setenv("PGTZ", "UTC", 1)
    } else if getenv("PGTZ") == nil {
      setenv("PGTZ", zone(offset_s: localOffset_s()), 1)
    }
  }

  /// `<+08:00>-08:00`: POSIX counts the hours to the west.
  static func zone(offset_s: Int) -> String {
    let minutes = abs(offset_s) / 60
    let time = [minutes / 60, minutes % 60].map { ($0 < 10 ? "0" : "") + String($0) }
      .joined(separator: ":")
    return offset_s < 0 ? "<-\(time)>+\(time)" : "<+\(time)>-\(time)"
  }

  private static func localOffset_s() -> Int {
    var now = time(nil)
    var parts = tm()
    localtime_r(&now, &parts)
    return parts.tm_gmtoff
  }
}
