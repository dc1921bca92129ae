import Foundation
import Larkspur
import Programs
import Testing

/// Workers with another clock than the machine's, alternating with workers that have the machine's.
@Suite struct TimeNamespaceTests {
  private static let tokens = (0..<5).map { "t\($0)" }

  /// Options that start a program whose time since boot is this many seconds ahead.
  private static func unshare(ahead seconds: Int) -> [String] {
    ["-T", "--boottime", String(seconds), "--fork", "--kill-child"]
  }

  private static let canBeMade: Bool = {
    let trial = try? Programs.run("/usr/bin/unshare", unshare(ahead: 100) + ["true"], within: 10)
    return trial?.status == 0
  }()

  /// If CI is set, no test is skipped silently.
  private static let isRequired = ProcessInfo.processInfo.environment["CI"] != nil

  private static let bootID = "/proc/sys/kernel/random/boot_id"

  private enum Clock { case machine, ahead(Int), aheadWithoutBootID(Int) }

  private func work(at place: Place, _ clock: Clock) throws -> Programs.Finished {
    let worker = [Programs.path("larkspur-work"), "--until-empty"]
    let words: [String]
    switch clock {
    case .machine: return try place.work("--until-empty", within: 60)
    case .ahead(let seconds): words = Self.unshare(ahead: seconds) + worker
    case .aheadWithoutBootID(let seconds):
      words =
        ["--mount"] + Self.unshare(ahead: seconds)
        + ["sh", "-c", "mount --bind /dev/null $0 && exec \"$@\"", Self.bootID] + worker
    }
    return try Programs.run("/usr/bin/unshare", words, place.environment, within: 60)
  }

  @Test(.enabled(if: canBeMade || isRequired, "no time namespace can be made here"))
  func `in and out of a time namespace, no token is early and none waits for long`() throws {
    try expectPace([.machine, .ahead(100), .ahead(100_000), .machine, .ahead(100)])
  }

  @Test(.enabled(if: canBeMade || isRequired, "no time namespace can be made here"))
  func `the same holds where the boot id is hidden`() throws {
    try expectPace([
      .aheadWithoutBootID(100), .aheadWithoutBootID(101), .machine, .aheadWithoutBootID(100_000),
      .aheadWithoutBootID(0),
    ])
  }

  /// Asks for the same tokens again before each run.
  private func expectPace(_ clocks: [Clock]) throws {
    try #require(Self.canBeMade, "unshare -T is not permitted here, and CI is set")
    let place = try Place()
    for clock in clocks {
      try place.ask(Self.tokens.map { .preview($0, for: .everyone) })
      let asked = Date()
      let run = try work(at: place, clock)
      #expect(run.status == 0, "\(run.err)")
      // A lane waits for 5 s and is charged 17 s. The rest is for a busy machine.
      #expect(Date().timeIntervalSince(asked) < 17)
    }
    let calls = try place.previews()
    for token in Self.tokens {
      let arrivals = calls.filter { $0.preview_tokens?.contains(token) == true }.map(\.arrived_us)
      #expect(arrivals.count == clocks.count)
      for (earlier, later) in zip(arrivals, arrivals.dropFirst()) {
        #expect(later - earlier >= 5_000_000, "\(token) again after \(later - earlier) µs")
      }
    }
  }
}
