import Basics
import Delivery
import Glibc
import Larkspur
import Planning
import Terminal

/// One text for a bug report: versions, findings, and what the queue says of the last days.
struct Report {
  let findings: [Finding]
  /// The path of the queue.
  let queue: String
  /// The version of libcurl, in the program that has one.
  let library: String?
  let accounts: [AccountSettings]
  let readSecret: (SecretSource) -> Result<String, SecretProblem>

  var text: String {
    var random = SystemRandomNumberGenerator()
    let hash = KeyedHash(using: &random)
    let tables = ReportTables(of: queue)
    let pseudonyms = Pseudonyms(hash, names: tables.names)
    let texts = ["", "[findings]"] + findings.map(\.line) + ["", "[worker]"] + worker
    let lines = head + texts.map(pseudonyms.text) + tables.lines(pseudonyms)
    let redaction = redaction
    return lines.map { redaction.text($0) + "\n" }.joined()
  }

  private var head: [String] {
    [
      "larkspur doctor report 1",
      "made \(describeMoment(wall_ms: SystemClocks.read(boot: nil).wall.ms))",
      "larkspur \(larkspurBuild), schemas up to \(Migrator.newest)",
      "sqlite \(QueueReader.engine)", library ?? "without libcurl (see --online)",
      Self.kernel, "queue \(queue)",
      "<…> stands for the name of a lane or a user: equal names have equal codes in this file alone",
    ]
  }

  private static var kernel: String {
    guard case .success(let bytes) = TextFile.read("/proc/version", atMost: 10_000) else {
      return "kernel unknown"
    }
    return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
  }

  private var worker: [String] {
    switch WorkerLock.sight(queue: queue) {
    case .hidden(let code): ["unknown: \(systemMessage(code))"]
    case .nobody(let last): ["not running"] + (last.map(Self.lines) ?? [])
    case .worker(let owner, let heartbeat): [owner] + (heartbeat.map(Self.lines) ?? [])
    }
  }

  private static func lines(of heartbeat: Heartbeat) -> [String] {
    func text(_ moment: WallMoment?) -> String {
      moment.map { describeMoment(wall_ms: $0.ms) } ?? "none"
    }
    let look = heartbeat.look
    return [
      "larkspur \(heartbeat.version), process \(heartbeat.pid), started \(text(heartbeat.started))",
      "last look \(text(look.wall)), last call \(text(look.lastCall)), "
        + "last success \(text(look.lastSuccess))",
    ] + look.stuck.map { "stuck \($0.reason.rawValue): \($0.sentence)" }
  }

  /// No secret is expected in any of this. If one is there all the same, it is removed.
  private var redaction: Redaction {
    var redaction = Redaction(environment: environmentVariables())
    for account in accounts {
      for source in [account.secret, account.userToken].compactMap({ $0 }) {
        if case .success(let secret) = readSecret(source) {
          redaction.know(secret, from: .place(source))
        }
      }
    }
    return redaction
  }
}
