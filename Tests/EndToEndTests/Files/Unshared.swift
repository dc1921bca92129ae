import Foundation
import Programs
import Testing

/// Runs a program with mounts that the rest of the machine does not see.
enum Unshared {
  static let canBeMade: Bool = {
    let trial = try? Programs.run(
      "/usr/bin/unshare", ["--mount", "sh", "-c", "mount -t tmpfs none /proc"], within: 10)
    return trial?.status == 0
  }()

  /// If CI is set, no test is skipped silently.
  static let isRequired = ProcessInfo.processInfo.environment["CI"] != nil

  static let isTried = canBeMade || isRequired

  /// Runs a program after `mounting`, a line of shell.
  static func run(
    _ name: String, _ arguments: [String], mounting: String, _ environment: [String: String]
  ) throws -> Programs.Finished {
    try #require(canBeMade, "nothing can be mounted here, and CI is set")
    let words = ["--mount", "sh", "-c", "\(mounting) && exec \"$@\"", "sh"]
    return try Programs.run(
      "/usr/bin/unshare", words + [Programs.path(name)] + arguments, environment, within: 60)
  }
}
