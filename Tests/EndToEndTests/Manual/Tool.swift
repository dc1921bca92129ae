import Foundation
import Programs

/// A program that a test needs and the machine may lack.
enum Tool: String {
  case mandoc, zsh, fish

  /// If CI is set, no test is skipped silently.
  var isTried: Bool {
    let isThere = ["/usr/bin", "/bin"].contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(rawValue)")
    }
    return isThere || ProcessInfo.processInfo.environment["CI"] != nil
  }
}

/// A folder of its own, with the programs' folder in PATH.
final class Workshop {
  let folder: URL
  var environment: [String: String]

  init(_ environment: [String: String] = [:]) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "larkspur-shell-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    self.environment = [
      "PATH": "\(Programs.folder.path):/usr/bin:/bin", "HOME": folder.path, "TERM": "dumb",
      "LC_ALL": "C.UTF-8",
    ].merging(environment) { $1 }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func run(_ program: String, _ arguments: String...) throws -> Programs.Finished {
    let words = ["-C", folder.path, program] + arguments
    return try Programs.run("/usr/bin/env", words, environment, within: 60)
  }

  func write(_ text: String, to name: String) throws -> String {
    let file = folder.appending(path: name)
    try text.write(to: file, atomically: false, encoding: .utf8)
    return file.path
  }

  var files: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] }
}
