import Foundation
import Programs
import Testing

/// Types the examples of the README and the documentation as a reader would: a page in one shell on a terminal,
/// with the real programs and an empty home folder.
@Suite struct DocumentationTests {
  /// A command and what must be printed until the next one.
  private struct Step {
    var command: String
    var expected: [String] = []
  }

  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The READMEs and every page, by their paths from the root.
  static let pages: [String] = {
    let documentation = root.appending(path: "Documentation").path
    let found = FileManager.default.subpaths(atPath: documentation) ?? []
    return ["README.md", "README.zh-CN.md"]
      + found.filter { $0.hasSuffix(".md") }.map { "Documentation/\($0)" }.sorted()
  }()

  private static func text(of page: String) throws -> String {
    try String(contentsOf: root.appending(path: page), encoding: .utf8)
  }

  /// The examples of a page continue the shell of the quick start.
  private static func quickStart() throws -> [Step] {
    let steps = try steps(of: "README.md")
    let last = try #require(steps.firstIndex { $0.command.contains("LARKSPUR_APP_SECRET=") })
    return Array(steps[...last])
  }

  /// All `console` blocks, with the rows of the `sql` block inserted by `sqlite3`.
  private static func steps(of page: String) throws -> [Step] {
    var steps: [Step] = []
    var language: String?
    for line in try text(of: page).split(separator: "\n", omittingEmptySubsequences: false) {
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
      .replacing(#/\b\d\d:\d\d:\d\d(\.\d+)?/#, with: "<time>")
      .replacing(#/"\d{13}"/#, with: "<milliseconds>")
      .replacing(#/\d+(\.\d+)? (ms|s)\b/#, with: "<span>")
      .replacing(#/log id \w+/#, with: "<log id>")
      .replacing(#/process \d+/#, with: "<process>")
      .replacing(#/\/\S+\/queue\.db/#, with: "<queue>")
      .replacing(#/ +$/#, with: "")
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

  @Test(arguments: pages)
  func `every example runs as it is written, and prints what it says`(page: String) throws {
    // Those of the clients are run by Tests/Clients.
    if page.hasPrefix("Documentation/clients") { return }
    var steps = try Self.steps(of: page)
    if steps.isEmpty { return }
    if !page.hasPrefix("README") { steps = try Self.quickStart() + steps }
    let home = FileManager.default.temporaryDirectory.appending(path: "larkspur-docs-\(UUID())")
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: home) }
    let shell = try Shell(home: home)
    _ = try shell.run(Step(command: "cd"))
    let port = String(try LocalPort().number)
    // An exit status that is not 0 must be shown by `echo $?` next, or be named in the command's
    // comment.
    var unsaid: Int32 = 0
    for var step in steps {
      step.command = step.command.replacing("9000", with: port)
      step.expected = step.expected.map { $0.replacing("9000", with: port) }
      #expect(unsaid == 0 || step.command == "echo $?", "the command before: \(step.command)")
      let ended = try shell.run(step)
      let said = step.command.firstMatch(of: #/# (?:exits with|退出码是) (\d+)/#).flatMap {
        Int32($0.1)
      }
      unsaid = ended.status == said ? 0 : ended.status
      let lines = Self.withoutNewQueue(ended.lines.map(Self.stable), step)
      #expect(lines == step.expected.map(Self.stable), "\(step.command)")
    }
    #expect(unsaid == 0)
    // The default queue in the home folder was never touched.
    #expect(!FileManager.default.fileExists(atPath: home.appending(path: ".local").path))
  }

  /// Many pages begin with a queue of their own, and the first ask says so. An example need not show it.
  private static func withoutNewQueue(_ lines: [String], _ step: Step) -> [String] {
    let isNew = { (line: String) in line.hasPrefix("larkspur: created queue ") }
    guard step.command.contains("larkspur enqueue") || step.command.contains("larkspur saw"),
      !step.expected.contains(where: isNew)
    else { return lines }
    return lines.filter { !isNew($0) }
  }

  @Test func `most pages have examples`() throws {
    #expect(try Self.pages.count { try Self.steps(of: $0).count > 3 } >= 8)
  }

  @Test(arguments: pages)
  func `every queue of an example is one of its own`(page: String) throws {
    for block in try Self.text(of: page).components(separatedBy: "```console\n").dropFirst() {
      let commands = block.components(separatedBy: "\n```")[0]
      if !commands.contains("larkspur enqueue") { continue }
      #expect(commands.hasPrefix("$ export LARKSPUR_DB=$(mktemp -d)/queue.db"), "\(commands)")
    }
  }

  @Test(arguments: pages)
  func `a page is short, and so are its lines`(page: String) throws {
    let lines = try Self.text(of: page).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= (page.hasPrefix("README") ? 181 : 201))
    var isCode = false
    for line in lines {
      if line.hasPrefix("```") { isCode.toggle() }
      if isCode || line.hasPrefix("|") || line.contains("](") { continue }
      // A Chinese character is as wide as two others.
      let width = line.unicodeScalars.reduce(0) { $0 + ($1.value > 0x2E80 ? 2 : 1) }
      #expect(width <= 120, "\(line)")
    }
  }

  /// A link leads to a file of the repository, and to a heading of it.
  @Test(arguments: pages)
  func `every link leads somewhere`(page: String) throws {
    let folder = Self.root.appending(path: page).deletingLastPathComponent()
    for match in try Self.text(of: page).matches(of: #/\]\(([^)\s]+)\)/#) {
      let link = String(match.1)
      if link.hasPrefix("http") { continue }
      let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let place = folder.appending(path: String(parts[0])).standardizedFileURL
      let file = parts[0].isEmpty ? Self.root.appending(path: page) : place
      #expect(FileManager.default.fileExists(atPath: file.path), "\(link)")
      guard parts.count == 2, let text = try? String(contentsOf: file, encoding: .utf8) else {
        continue
      }
      #expect(Self.anchors(in: text).contains(String(parts[1])), "\(link)")
    }
  }

  /// As GitHub makes them.
  private static func anchors(in text: String) -> Set<String> {
    Set(
      headings(in: text).map { heading in
        heading.text.lowercased().filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
          .replacing(" ", with: "-")
      })
  }

  private static func headings(in text: String) -> [(level: Int, text: String)] {
    var isCode = false
    return text.split(separator: "\n").compactMap { line in
      if line.hasPrefix("```") { isCode.toggle() }
      let level = line.prefix { $0 == "#" }.count
      if isCode || level == 0 || !line.dropFirst(level).hasPrefix(" ") { return nil }
      return (level, String(line.dropFirst(level + 1)))
    }
  }

  static let translated = ["README.md": "README.zh-CN.md"].merging(
    Self.pages.filter { $0.hasPrefix("Documentation/zh-CN/") }.map {
      ($0.replacing("/zh-CN", with: ""), $0)
    }
  ) { $1 }

  @Test func `what a user reads first is there in Chinese`() {
    #expect(
      Self.translated.keys.sorted() == [
        "Documentation/concepts.md", "Documentation/configuration.md",
        "Documentation/deploying.md", "Documentation/keys.md", "Documentation/monitoring.md",
        "Documentation/operations.md", "Documentation/picture.md", "Documentation/shared-queue.md",
        "Documentation/troubleshooting.md", "README.md",
      ])
  }

  @Test(arguments: translated.sorted { $0.key < $1.key })
  func `a Chinese page has the headings and commands of the English one`(
    english: String, chinese: String
  ) throws {
    let texts = (try Self.text(of: english), try Self.text(of: chinese))
    #expect(Self.headings(in: texts.0).map(\.level) == Self.headings(in: texts.1).map(\.level))
    let blocks = (Self.blocks(of: texts.0), Self.blocks(of: texts.1))
    #expect(blocks.0.count == blocks.1.count)
    for (here, there) in zip(blocks.0, blocks.1) { #expect(here == there) }
  }

  /// The fenced blocks, but for drawings, without the comments at the ends of their lines.
  private static func blocks(of text: String) -> [String] {
    var blocks: [String] = []
    var language: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        language = language == nil ? String(line.dropFirst(3)) : nil
        if let language { blocks.append(language) }
      } else if let language, language != "text" {
        blocks[blocks.count - 1] += "\n" + line.replacing(#/\s+(#|//|--) .*$/#, with: "")
      }
    }
    return blocks
  }
}
