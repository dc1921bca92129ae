import Foundation

/// The real programs, as built beside the tests.
package enum Programs {
  package static let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()

  /// A name with a leading slash is the path of any other program.
  package static func path(_ name: String) -> String {
    name.hasPrefix("/") ? name : folder.appending(path: name).path
  }

  package struct Finished: Sendable {
    package let status: Int32
    package let out: String
    package let err: String
  }

  /// Runs a program to its end. One that hangs is killed after the time limit, and the result says
  /// so.
  package static func run(
    _ name: String, _ arguments: [String], _ environment: [String: String] = [:],
    within seconds: Double = 120
  ) throws -> Finished {
    let started = try start(name, arguments, environment)
    return started.finish(within: seconds)
  }

  package static func start(
    _ name: String, _ arguments: [String], _ environment: [String: String] = [:]
  ) throws -> Started {
    try start(at: path(name), arguments, environment)
  }

  /// Starts a program from the system's folders, for example `sqlite3`. It reads what is written to
  /// `input`.
  package static func startOther(
    _ name: String, _ arguments: [String], input: Pipe? = nil
  ) throws -> Started {
    try start(at: "/usr/bin/env", [name] + arguments, [:], input: input)
  }

  /// Where programs built with a sanitizer write its reports.
  private static let sanitizers = ProcessInfo.processInfo.environment.filter {
    ["TSAN_OPTIONS", "ASAN_OPTIONS", "LSAN_OPTIONS"].contains($0.key)
  }

  private static func start(
    at path: String, _ arguments: [String], _ environment: [String: String], input: Pipe? = nil
  ) throws -> Started {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.environment = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"]
      .merging(sanitizers) { $1 }.merging(environment) { $1 }
    return try Started(process, input: input)
  }
}
