import Foundation
import Programs
import Testing

/// Types the README's examples as a reader would: one shell on a terminal, the real programs, and
/// an empty home folder.
@Suite struct ReadmeTests {
  /// A command and what must be printed until the next one.
  private struct Step {
    var command: String
    var expected: [String] = []
  }

  private static let file = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "README.md")

  /// All `console` blocks, with the rows of the `sql` block inserted by `sqlite3`.
  private static func steps() throws -> [Step] {
    var steps: [Step] = []
    var language: String?
    for line in try String(contentsOf: file, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    {
      if line.hasPrefix("```") {
        if language == "sql" { steps[steps.count - 1].command += "\nEND" }
        language = language == nil ? String(line.dropFirst(3)) : nil
        if language == "sql" { steps.append(Step(command: "sqlite3 \"$LARKSPUR_DB\" <<'END'")) }
      } else if language == "sql" {
        steps[steps.count - 1].command += "\n\(line)"
      } else if language == "console", line.hasPrefix("$ ") {
        steps.append(Step(command: String(line.dropFirst(2))))
      } else if language == "console" {
        steps[steps.count - 1].expected.append(String(line))
      }
    }
    return steps
  }

  /// Replaces what differs each time: times, durations, ids of answers, processes and queues.
  private static func stable(_ line: some StringProtocol) -> String {
    String(line)
      .replacing(#/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/#, with: "<moment>")
      .replacing(#/"\d{13}"/#, with: "<milliseconds>")
      .replacing(#/\d+(\.\d+)? (ms|s)\b/#, with: "<span>")
      .replacing(#/log id \w+/#, with: "<log id>")
      .replacing(#/process \d+/#, with: "<process>")
      .replacing(#/\/\S+\/queue\.db/#, with: "<queue>")
      .replacing(#/ +$/#, with: "")
  }

  private static func freePort() throws -> String {
    let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(file) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(file, $0, size) == 0 && getsockname(file, $0, &size) == 0
      }
    }
    try #require(isBound)
    return String(UInt16(bigEndian: address.sin_port))
  }

  /// A shell that runs one command after another.
  private final class Shell {
    private let input = Pipe()
    private let session: OwnSession
    private var seen = 0
    private var count = 0

    init(home: URL) throws {
      session = try OwnSession(
        .own, "/bin/bash", ["--norc", "-s"],
        [
          "PATH": "\(Programs.folder.path):/usr/bin:/bin", "HOME": home.path, "TMPDIR": home.path,
          "TERM": "dumb",
        ], input: input)
    }

    /// What it prints and its exit status, which the next command still finds in `$?`.
    func run(_ step: Step) throws -> (lines: [String], status: Int32) {
      count += 1
      let mark = "@@\(count)@@"
      try send(step.command)
      // A background command prints when it is ready, and a user would wait for that.
      if step.command.contains(" &") {
        _ = eventually(within: 20) { step.expected.allSatisfy { session.read().contains($0) } }
      }
      try send("( code=$?; echo; echo \(mark) $code; exit $code )")
      var parts: [Substring] = []
      _ = eventually(within: 60) {
        parts = session.read().dropFirst(seen).split(separator: "\(mark) ")
        return parts.count == 2 && parts[1].contains(where: \.isNewline)
      }
      seen = session.output.count
      guard parts.count == 2 else { return (["it did not end: \(session.output)"], -1) }
      return (Self.lines(parts[0]), Int32(parts[1].prefix { $0.isNumber }) ?? -1)
    }

    private func send(_ line: String) throws {
      try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
    }

    /// The lines as they remain on the terminal, without overwritten progress.
    private static func lines(_ text: Substring) -> [String] {
      text.split { $0 == "\r\n" || $0 == "\n" }
        .map { String($0).components(separatedBy: "\r\u{1b}[K").last ?? "" }
        .filter { !$0.isEmpty }
    }
  }

  @Test func `every example runs as it is written, and prints what it says`() throws {
    let home = FileManager.default.temporaryDirectory.appending(path: "larkspur-readme-\(UUID())")
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: home) }
    let shell = try Shell(home: home)
    _ = try shell.run(Step(command: "cd"))
    let port = try Self.freePort()
    // An exit status that is not 0 must be shown by `echo $?` next, or be named in the command's
    // comment.
    var unsaid: Int32 = 0
    let steps = try Self.steps()
    #expect(steps.count > 20)
    for var step in steps {
      step.command = step.command.replacing("9000", with: port)
      step.expected = step.expected.map { $0.replacing("9000", with: port) }
      #expect(unsaid == 0 || step.command == "echo $?", "the command before: \(step.command)")
      let ended = try shell.run(step)
      let said = step.command.firstMatch(of: #/# exits with (\d+)/#).flatMap { Int32($0.1) }
      unsaid = ended.status == said ? 0 : ended.status
      #expect(
        ended.lines.map(Self.stable) == step.expected.map(Self.stable), "\(step.command)")
    }
    #expect(unsaid == 0)
    // The default queue in the home folder was never touched.
    #expect(!FileManager.default.fileExists(atPath: home.appending(path: ".local").path))
  }

  @Test func `every queue of an example is one of its own`() throws {
    let text = try String(contentsOf: Self.file, encoding: .utf8)
    for block in text.components(separatedBy: "```console\n").dropFirst() {
      let commands = block.components(separatedBy: "\n```")[0]
      if !commands.contains("larkspur enqueue") { continue }
      #expect(commands.hasPrefix("$ export LARKSPUR_DB=$(mktemp -d)/queue.db"), "\(commands)")
    }
  }
}
