import Glibc
import Terminal

/// The two programs beside this one that the demo needs: a Feishu, and who delivers to it.
enum DemoPrograms {
  /// Answers as far away as a Feishu in the same country is.
  static func startSandbox(in folder: String) throws(Failure) -> ChildProcess {
    try ChildProcess(
      "larkspur-sandbox",
      ["--exit-with-parent", "--latency", "60ms", "--latency-spread", "20ms"],
      environment: try surroundings(), in: folder)
  }

  /// The address it prints as its first line.
  static func address(
    of sandbox: inout ChildProcess, until stop: borrowing StopRequest
  ) throws(Failure) -> String {
    let latest = steadyMilliseconds() + 10_000
    while steadyMilliseconds() < latest {
      // Before its words are read: what it said last is then among them.
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
      "larkspur-sandbox did not say within 10 s where it listens. Try it alone: larkspur sandbox")
  }

  static func startWorker(
    queue: String, address: String, longest_ms: Int, in folder: String
  ) throws(Failure) -> ChildProcess {
    // HOME is left out with all else: a configuration in it knows real accounts.
    let account = [
      "LARKSPUR_BASE_URL=\(address)", "LARKSPUR_APP_ID=cli_sandbox",
      "LARKSPUR_APP_SECRET=sandbox",
    ]
    return try ChildProcess(
      "larkspur-work", ["--db", queue, "--quiet", "--for", "\(longest_ms)ms"],
      environment: try surroundings() + account, in: folder)
  }

  /// What a program needs of a machine to start at all. Nothing of it leads to another account.
  private static func surroundings() throws(Failure) -> [String] {
    var variables: [String] = []
    for name in ["PATH", "LD_LIBRARY_PATH", "TMPDIR", "TZ"] {
      if let value = try ProcessInput.variable(name) { variables.append("\(name)=\(value)") }
    }
    return variables
  }
}

extension ChildProcess {
  /// Fails with the child's own words when it has ended.
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
    let how = signal > 0 ? "was ended by signal \(signal)" : "ended with \(status)"
    return complaint(words).map { "\(name) \(how). It said: \($0)" }
      ?? "\(name) \(how), and said nothing. Run larkspur demo again."
  }

  /// What is wrong, in the child's own words, if it has said any.
  static func complaint(_ words: String) -> String? {
    let lines = words.split(separator: "\n").map { line in
      printable(line.hasPrefix("larkspur: ") ? String(line.dropFirst(10)) : String(line))
    }
    // An address is what all is well with.
    let said = lines.filter { !$0.hasPrefix("http://") }.joined(separator: " ")
    return said.isEmpty ? nil : said
  }
}

extension StopRequest {
  /// Fails when somebody wants the program to end. What was started and made is put away on the way
  /// out, so that the sentence is true when it is read.
  func expectNothing() throws(Failure) {
    guard let code = arrived else { return }
    throw Failure(code, "the demo was stopped; its programs and its queue are gone.")
  }
}
