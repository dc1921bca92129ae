import Foundation
import Larkspur
import Testing

/// Databases that cannot be used, and programs that are missing.
struct TroubleTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  @Test(arguments: [
    ["status"], ["list"], ["retry", "--all-dead"], ["cancel", "A"], ["resume", "default"],
    ["prune", "--older-than", "7d"], ["metrics"],
  ])
  func `looking at a queue that is not there makes none`(words: [String]) throws {
    let ended = try place.runPlain(["--db", place.queue] + words)
    #expect(ended.code == 66 && ended.output == "")
    #expect(ended.sentences.contains("there is no queue at \(place.queue) yet;"))
    #expect(!FileManager.default.fileExists(atPath: place.queue))
  }

  @Test func `a folder that was named is not made`() throws {
    let ended = try place.runPlain(
      ["--db", "\(place.folder)/no/queue.db", "enqueue", "preview", "A", "--everyone"])
    #expect(ended.code == 73)
    #expect(ended.sentences.contains("no/queue.db: no such file or directory;"))
  }

  @Test func `a folder is not a queue`() throws {
    let ended = try place.runPlain(["--db", place.folder, "enqueue", "preview", "A", "--everyone"])
    #expect(ended.code == 74 && ended.sentences.contains("is a folder;"))
  }

  @Test func `a file that is no database is left alone`() throws {
    let text = String(repeating: "not a database\n", count: 100)
    let file = try place.write(text, to: "notes")
    let ended = try place.runPlain(["--db", file, "enqueue", "preview", "A", "--everyone"])
    #expect(ended.code == 74 && ended.sentences.contains("is not a database;"))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
  }

  @Test func `another program's database is left alone`() throws {
    let file = try place.write("", to: "other.db")
    try Connection(path: file, mode: .readWrite).run(script: "create table theirs (x)")
    let ended = try place.runPlain(["--db", file, "enqueue", "preview", "A", "--everyone"])
    #expect(ended.code == 74 && ended.sentences.contains("but not a Larkspur queue;"))
  }

  @Test func `a queue of a newer program is left to it`() throws {
    _ = try place.run("enqueue", "preview", "A", "--everyone")
    try place.asWorker("pragma user_version = 99")
    let ended = try place.run("enqueue", "preview", "A", "--everyone")
    #expect(ended.code == 74 && ended.sentences.contains("was created by a newer Larkspur"))
  }

  @Test(.enabled(if: getuid() != 0, "root may write everywhere"))
  func `a queue that may not be written is said to be so`() throws {
    _ = try place.run("enqueue", "preview", "A", "--everyone")
    chmod(place.queue, 0o400)
    let ended = try place.run("enqueue", "preview", "A", "--everyone")
    #expect(ended.code == 74 && ended.sentences.contains("cannot write queue"))
  }

  @Test func `a reader that went away is no error`() throws {
    let ended = try place.shell(#"{ "$0" help enqueue; echo $? >code; } | true; cat code"#)
    #expect(ended.output == "0\n" && ended.sentences == "")
  }

  /// A copy of the program in a folder of its own, where it finds only what the test puts there.
  private func lonelyProgram() throws -> String {
    let program = "\(place.folder)/larkspur"
    // By another process: one that a test beside this one starts now would inherit the open file, and
    // a program that somebody can write to cannot be started.
    let copy = Process()
    copy.executableURL = URL(filePath: "/bin/cp")
    copy.arguments = [Workplace.program, program]
    try copy.run()
    copy.waitUntilExit()
    return program
  }

  @Test func `work becomes the program beside this one, with the words given`() throws {
    let script = try place.write(
      "#!/bin/sh\nprintf '%s|' \"$0\" \"$@\"\nexit 7\n", to: "larkspur-work")
    chmod(script, 0o755)
    let ended = try place.start(
      ["--db", "q.db", "--json", "work", "--once", "a b"], program: try lonelyProgram()
    ).wait()
    #expect(ended.code == 7)
    #expect(ended.output == "\(script)|--db|q.db|--json|--once|a b|")
  }

  @Test func `without that program it says where it looked`() throws {
    let ended = try place.start(
      ["work"], variables: ["PATH": place.folder], program: try lonelyProgram()
    ).wait()
    #expect(ended.code == 78)
    #expect(
      ended.sentences.contains(
        "cannot find larkspur-work at \(place.folder)/larkspur-work or in PATH;"))
  }

  @Test func `a program that may not be started is said to be so`() throws {
    _ = try place.write("#!/bin/sh\n", to: "larkspur-sandbox")
    let ended = try place.start(["sandbox"], program: try lonelyProgram()).wait()
    #expect(ended.code == 78)
    #expect(ended.sentences.contains("/larkspur-sandbox: permission denied\n"))
  }

  @Test(arguments: ["enqueue", "status", "list", "retry", "cancel", "resume", "prune"])
  func `every command explains itself on standard output`(command: String) throws {
    let ended = try place.runPlain([command, "--help"])
    #expect(ended.code == 0 && ended.sentences == "")
    #expect(ended.output.contains("usage: larkspur \(command)"))
    #expect(ended.output.contains("example"))
    #expect(ended == (try place.runPlain(["help", command])))
    #expect(ended.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  @Test(arguments: [
    ("preview", ["--open-id", "--everyone"], ["--actions", "--metadata", "CARD_ID", "\"card\""]),
    ("card", ["--actions", "--uuid", "--sequence"], ["--open-id", "--metadata", "TOKEN…"]),
    ("session", ["--metadata", "--channel-context"], ["--open-id", "--actions", "TOKEN…"]),
  ])
  func `help for one kind shows that kind`(
    kind: String, shown: [String], others: [String]
  ) throws {
    let ended = try place.runPlain(["enqueue", kind, "--help"])
    #expect(ended.code == 0 && ended.sentences == "")
    #expect(ended.output.contains("usage: larkspur enqueue \(kind) "))
    for word in shown + ["--after", "--from", "--wait", "example"] {
      #expect(ended.output.contains(word), "\(word)")
    }
    for word in others { #expect(!ended.output.contains(word), "\(word)") }
    #expect(ended == (try place.runPlain(["help", "enqueue", kind])))
    #expect(ended.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }
}
