import Foundation
import Larkspur
import Programs
import Testing

/// Workers that see another clock than the machine does, by turns with ones that see the machine's.
@Suite struct TimeNamespaceTests {
  private static let tokens = (0..<5).map { "t\($0)" }

  /// What starts a program whose time since boot is so many seconds more.
  private static func unshare(ahead seconds: Int) -> [String] {
    ["-T", "--boottime", String(seconds), "--fork", "--kill-child"]
  }

  private static let canBeMade: Bool = {
    let trial = try? Programs.run("/usr/bin/unshare", unshare(ahead: 100) + ["true"], within: 10)
    return trial?.status == 0
  }()

  /// Where CI is set, nothing is left out in silence.
  private static let isRequired = ProcessInfo.processInfo.environment["CI"] != nil

  private func work(at place: Place, ahead seconds: Int?) throws -> Programs.Finished {
    guard let seconds else { return try place.work("--until-empty", within: 60) }
    return try Programs.run(
      "/usr/bin/unshare",
      Self.unshare(ahead: seconds) + [Programs.path("larkspur-work"), "--until-empty"],
      place.environment, within: 60)
  }

  @Test(.enabled(if: canBeMade || isRequired, "no time namespace can be made here"))
  func `in and out of a time namespace, no token is early and none waits for long`() throws {
    try #require(Self.canBeMade, "unshare -T is not permitted here, and CI is set")
    let place = try Place()
    for ahead in [nil, 100, 100_000, nil, 100] {
      try place.ask(Self.tokens.map { .preview($0, for: .everyone) })
      let asked = Date()
      let run = try work(at: place, ahead: ahead)
      #expect(run.status == 0, "\(run.err)")
      // A lane waits for 5 s and is charged with 17 s; the rest is for a busy machine.
      #expect(Date().timeIntervalSince(asked) < 17)
    }
    let calls = try place.previews()
    for token in Self.tokens {
      let arrivals = calls.filter { $0.preview_tokens?.contains(token) == true }.map(\.arrived_us)
      #expect(arrivals.count == 5)
      for (earlier, later) in zip(arrivals, arrivals.dropFirst()) {
        #expect(later - earlier >= 5_000_000, "\(token) again after \(later - earlier) µs")
      }
    }
  }
}
