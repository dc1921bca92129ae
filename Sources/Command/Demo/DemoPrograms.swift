import Glibc
import Terminal

/// The two other programs the demo needs: a sandbox, and a worker that delivers to it.
enum DemoPrograms {
  /// Starts a sandbox whose latency is that of a Feishu in the same country.
  static func startSandbox(
    callback: String, in folder: String
  ) throws(Failure) -> ChildProcess {
    try ChildProcess(
      "larkspur-sandbox",
      [
        "--exit-with-parent", "--latency", "60ms", "--latency-spread", "20ms",
        "--callback", callback,
      ],
      environment: try surroundings(), in: folder)
  }

  /// The address that the sandbox prints as its first line.
  static func address(
    of sandbox: inout ChildProcess, until stop: borrowing StopRequest
  ) throws(Failure) -> String {
    let latest = steadyMilliseconds() + 10_000
    while steadyMilliseconds() < latest {
      // Check this before reading the output, so that the output of a program that has ended is
      // complete.
      let status = sandbox.exitStatus()
      let words = sandbox.words()
      if let line = words.split(separator: "\n").first, line.hasPrefix("http://"),
        words.contains("\n")
      {
        return String(line)
      }
      try sandbox.expectRunning(status, otherwise: .unreachable)
      try stop.expectNothing()
      stop.wait(for: nil, milliseconds: 10)
    }
    throw Failure(
      .unreachable,
      "larkspur-sandbox did not print its address within 10 s; try it alone: larkspur sandbox")
  }

  static func startWorker(
    queue: String, address: String, longest_ms: Int, in folder: String
  ) throws(Failure) -> ChildProcess {
    // HOME is left out like everything else: a configuration file in it may name real accounts.
    let account = [
      "LARKSPUR_BASE_URL=\(address)", "LARKSPUR_APP_ID=cli_sandbox",
      "LARKSPUR_APP_SECRET=sandbox",
    ]
    return try ChildProcess(
      "larkspur-work", ["--db", queue, "--quiet", "--for", "\(longest_ms)ms"],
      environment: try surroundings() + account, in: folder)
  }

  /// The variables a program needs to start at all. None of them leads to a real account.
  private static func surroundings() throws(Failure) -> [String] {
    var variables: [String] = []
    for name in ["PATH", "LD_LIBRARY_PATH", "TMPDIR", "TZ"] {
      if let value = try environmentVariable(name) { variables.append("\(name)=\(value)") }
    }
    return variables
  }
}

extension ChildProcess {
  /// Fails with the child's own output if it has ended.
  mutating func expectRunning(otherwise code: ExitCode) throws(Failure) {
    try expectRunning(exitStatus(), otherwise: code)
  }

  fileprivate func expectRunning(_ status: Int32?, otherwise code: ExitCode) throws(Failure) {
    guard let status else { return }
    throw Failure(
      ExitCode(rawValue: status).flatMap { $0 == .done ? nil : $0 } ?? code,
      Self.sentence(name, status, words()))
  }

  static func sentence(_ name: String, _ status: Int32, _ words: String) -> String {
    let signal = status - 128
    let how = signal > 0 ? "was killed by signal \(signal)" : "exited with \(status)"
    return complaint(words).map { "\(name) \(how): \($0)" }
      ?? "\(name) \(how) and printed nothing; run 'larkspur demo' again"
  }

  /// The child's own error message, if it printed one.
  static func complaint(_ words: String) -> String? {
    let lines = words.split(separator: "\n").map { line in
      printable(line.hasPrefix("larkspur: ") ? String(line.dropFirst(10)) : String(line))
    }
    // The sandbox prints its address when all is well, so that line is no error message.
    let said = lines.filter { !$0.hasPrefix("http://") }.joined(separator: " ")
    return said.isEmpty ? nil : said
  }
}

extension StopRequest {
  /// Fails if the user wants to stop. The programs and the queue are gone before the sentence is
  /// printed, so it is true when it is read.
  func expectNothing() throws(Failure) {
    guard let code = arrived else { return }
    throw Failure(
      code, "the demo was stopped; its programs have ended and its queue is deleted", fix: nil)
  }
}
