import Glibc
import Picture

extension LocalZone {
  /// The machine's zone between two moments. Where clocks are set twice a year it has another offset for a part of
  /// the time.
  static func local(from_ms: Int, to_ms: Int) -> LocalZone {
    tzset()
    var parts: [Part] = []
    // Clocks are set at a full quarter of an hour. Years are looked through by the day, then by the quarter.
    var at = from_ms
    while at <= to_ms {
      let part = part(atLocal: at)
      if parts.last.map({ $0.offset_s != part.offset_s || $0.name != part.name }) ?? true {
        let change = parts.isEmpty ? at : change(before: at, to: part)
        parts.append(Part(from_ms: change, offset_s: part.offset_s, name: part.name))
      }
      at += 86_400_000
    }
    let last = part(atLocal: to_ms)
    if let known = parts.last, known.offset_s != last.offset_s {
      parts.append(
        Part(from_ms: change(before: to_ms, to: last), offset_s: last.offset_s, name: last.name))
    }
    return LocalZone(parts: parts)
  }

  /// The quarter of an hour, within the day before, from which the offset is the new one.
  private static func change(before at: Int, to part: Part) -> Int {
    let quarter = 900_000
    var first = at / quarter * quarter
    for _ in 0..<96 where self.part(atLocal: first - quarter).offset_s == part.offset_s {
      first -= quarter
    }
    return first
  }

  private static func part(atLocal ms: Int) -> Part {
    var seconds = time_t(ms / 1_000)
    var fields = tm()
    localtime_r(&seconds, &fields)
    let name = fields.tm_zone.map { String(cString: $0) } ?? "local"
    return Part(from_ms: ms, offset_s: fields.tm_gmtoff, name: name)
  }
}
