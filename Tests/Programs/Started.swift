import Foundation
import Testing

/// A running program. It is killed when its last owner is gone.
package final class Started {
  package let process: Process
  private let out: URL
  private let err: URL

  init(_ process: Process, input: Pipe?) throws {
    self.process = process
    let folder = FileManager.default.temporaryDirectory
    out = folder.appending(path: "larkspur-out-\(UUID())")
    err = folder.appending(path: "larkspur-err-\(UUID())")
    for (file, set) in [
      (out, { process.standardOutput = $0 }), (err, { process.standardError = $0 }),
    ] as [(URL, (FileHandle) -> Void)] {
      try Data().write(to: file)
      set(try FileHandle(forWritingTo: file))
    }
    process.standardInput = input ?? FileHandle.nullDevice
    try process.run()
  }

  deinit {
    kill(SIGKILL)
    for file in [out, err] { try? FileManager.default.removeItem(at: file) }
  }

  package var pid: Int32 { process.processIdentifier }
  package var output: String { (try? String(contentsOf: out, encoding: .utf8)) ?? "" }
  package var errors: String { (try? String(contentsOf: err, encoding: .utf8)) ?? "" }

  package func kill(_ signal: Int32) {
    if process.isRunning { Foundation.kill(pid, signal) }
  }

  package func finish(within seconds: Double = 120) -> Programs.Finished {
    let isDone = eventually(within: seconds) { !self.process.isRunning }
    return end(isDone, seconds)
  }

  /// The same for a test that leaves its thread to others while it waits.
  package func finished(within seconds: Double = 120) async throws -> Programs.Finished {
    let isDone = try await soon(within: seconds) { !self.process.isRunning }
    return end(isDone, seconds)
  }

  private func end(_ isDone: Bool, _ seconds: Double) -> Programs.Finished {
    if !isDone {
      kill(SIGKILL)
      Issue.record("it did not end within \(seconds) s")
    }
    process.waitUntilExit()
    let status = process.terminationReason == .exit ? process.terminationStatus : -1
    return Programs.Finished(status: status, out: output, err: errors)
  }
}

/// Checks until the condition holds. The time limit is for a broken program: no test relies on a
/// delay.
@discardableResult
package func eventually(
  within seconds: Double = 60, _ isSo: () throws -> Bool
) rethrows -> Bool {
  let end = Date().addingTimeInterval(seconds)
  while Date() < end {
    if try isSo() { return true }
    usleep(5_000)
  }
  return try isSo()
}

/// `eventually` for a test that leaves its thread to others while it waits.
@discardableResult
package func soon(
  isolation: isolated (any Actor)? = #isolation, within seconds: Double = 60,
  _ isSo: () throws -> Bool
) async throws -> Bool {
  let end = ContinuousClock.now + .seconds(seconds)
  while ContinuousClock.now < end {
    if try isSo() { return true }
    try await Task.sleep(for: .milliseconds(10))
  }
  return try isSo()
}
