import Basics
import Planning

/// The text of a heartbeat in the lock file: one line per item, `key value`, and a last line with a
/// checksum that shows that all lines were read. Anything else in the file is not a heartbeat.
enum HeartbeatText {
  /// Later versions may add lines. Readers skip lines that they do not know.
  private static let format = "larkspur heartbeat 1"

  /// The greatest length of the text.
  static let bytesMost = 3_840

  static func write(_ heartbeat: Heartbeat) -> String {
    let look = heartbeat.look
    var lines = [format, "pid \(heartbeat.pid)", "version \(short(heartbeat.version, bytes: 40))"]
    if let boot = heartbeat.boot, boot.utf8.count < 100 { lines.append("boot \(boot)") }
    lines += [
      "started_ms \(heartbeat.started.ms)", "looked_ms \(look.wall.ms)",
      "looked_boot_ms \(look.sinceBoot.ms)", "next_boot_ms \(look.next.ms)",
    ]
    if let moment = look.lastCall { lines.append("called_ms \(moment.ms)") }
    if let moment = look.lastSuccess { lines.append("succeeded_ms \(moment.ms)") }
    var text = lines.joined(separator: "\n") + "\n"
    var more = look.stuckMore + look.stuck.count
    for stuck in look.stuck {
      let line = line(stuck) + "\n"
      if text.utf8.count + line.utf8.count > bytesMost - bytesOfTheEnd { break }
      text += line
      more -= 1
    }
    if more > 0 { text += "more \(more)\n" }
    return "\(text)end \(checksum(text))\n"
  }

  /// Room for the last two lines.
  private static let bytesOfTheEnd = 60

  /// Account names contain no spaces and no asterisks.
  private static func line(_ stuck: Stuck) -> String {
    let calls = stuck.calls.map { $0.replacing(", ", with: ",") } ?? none
    let head = "stuck \(stuck.reason.rawValue) \(stuck.account ?? none) \(calls) "
    return short(head + stuck.why, bytes: 300)
  }

  private static let none = "*"

  static func read(_ bytes: [UInt8]) -> Heartbeat? {
    // What follows the last line is padding or the rest of an older text.
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.hasPrefix(format + "\n"), let end = text.firstRange(of: "\nend ") else { return nil }
    let body = text[...end.lowerBound]
    guard let sum = text[end.upperBound...].split(separator: "\n").first, sum == checksum(body)
    else { return nil }
    var values: [Substring: Substring] = [:]
    var stuck: [Stuck] = []
    for line in body.split(separator: "\n").dropFirst() {
      let parts = line.split(separator: " ", maxSplits: 1)
      guard parts.count == 2 else { return nil }
      if parts[0] == "stuck" {
        if let found = readStuck(parts[1]) { stuck.append(found) }
      } else {
        values[parts[0]] = parts[1]
      }
    }
    return heartbeat(values, stuck)
  }

  private static func readStuck(_ line: Substring) -> Stuck? {
    let parts = line.split(separator: " ", maxSplits: 3)
    guard parts.count == 4, let reason = Stuck.Reason(rawValue: String(parts[0])) else {
      return nil
    }
    return Stuck(
      reason, account: parts[1] == none ? nil : String(parts[1]),
      calls: parts[2] == none ? nil : String(parts[2]).replacing(",", with: ", "),
      why: String(parts[3]))
  }

  private static func heartbeat(_ values: [Substring: Substring], _ stuck: [Stuck]) -> Heartbeat? {
    func number(_ key: Substring) -> Int? { values[key].flatMap { Int(String($0)) }?.bounded }
    guard let pid = number("pid"), let version = values["version"],
      let started = number("started_ms"), let wall = number("looked_ms"),
      let sinceBoot = number("looked_boot_ms"), let next = number("next_boot_ms")
    else { return nil }
    return Heartbeat(
      pid: pid, version: String(version), boot: values["boot"].map(String.init),
      started: WallMoment(ms: started),
      look: Heartbeat.Look(
        wall: WallMoment(ms: wall), sinceBoot: BootMoment(ms: sinceBoot),
        next: BootMoment(ms: next), lastCall: number("called_ms").map { WallMoment(ms: $0) },
        lastSuccess: number("succeeded_ms").map { WallMoment(ms: $0) }, stuck: stuck,
        stuckMore: number("more") ?? 0))
  }

  /// The text on one line, without anything that moves a cursor, and cut to `most` bytes.
  private static func short(_ text: String, bytes most: Int) -> String {
    var line = ""
    for scalar in text.unicodeScalars {
      if line.utf8.count + scalar.utf8.count > most - 3 { return line + "…" }
      line.unicodeScalars.append(isControl(scalar) ? " " : scalar)
    }
    return line
  }

  private static func checksum(_ text: some StringProtocol) -> String {
    hexadecimal(StableHash.of(text.utf8), digits: 16)
  }
}
