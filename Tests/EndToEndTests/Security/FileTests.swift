import Foundation
import Programs
import Testing

/// Who may read a queue's files, and where links at their names lead.
@Suite struct FileTests {
  private func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.posixPermissions] as? Int)
  }

  private func files(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test(arguments: ["0", "777"])
  func `whatever the umask, a queue's files are its owner's alone`(umask: String) throws {
    let place = try Place()
    let wide = "umask \(umask); exec \"$@\""
    func run(_ name: String, _ arguments: String...) throws -> Started {
      try Programs.start(
        "/bin/sh", ["-c", wide, "sh", Programs.path(name)] + arguments, place.environment)
    }
    #expect(try run("larkspur", "enqueue", "preview", "a", "--everyone").finish().status == 0)
    let worker = try run("larkspur-work")
    #expect(eventually { (try? place.delivered()) == 1 })
    let ours = ["queue.db", "queue.db-shm", "queue.db-wal", "queue.db.worker", "record.jsonl"]
    #expect(try files(in: place.folder) == ours)
    for file in ours {
      #expect(try mode(place.folder.appending(path: file).path) == 0o600, "\(file)")
    }
    worker.kill(SIGTERM)
    #expect(worker.finish().status == 0)
  }

  @Test(arguments: ["0", "777"])
  func `the folders of the default place are their owner's alone`(umask: String) throws {
    let place = try Place(sandbox: nil)
    place.set("LARKSPUR_DB", "")
    place.set("HOME", place.folder.path)
    let asking = ["-c", "umask \(umask); exec \"$@\"", "sh", Programs.path("larkspur")]
    let run = try Programs.run(
      "/bin/sh", asking + ["enqueue", "preview", "a", "--everyone"], place.environment)
    #expect(run.status == 0, "\(run.err)")
    for folder in [".local", ".local/state", ".local/state/larkspur"] {
      #expect(try mode(place.folder.appending(path: folder).path) == 0o700, "\(folder)")
    }
  }

  @Test(
    arguments: ["", "-wal", "-shm", "-journal", ".worker"], [nil, "", "what was here before\n"])
  func `a link planted at a name of the queue reaches no other file`(
    suffix: String, text: String?
  ) throws {
    let place = try Place()
    let victim = place.folder.appending(path: "victim").path
    // SQLite uses the journal only until there is a log.
    if suffix != "" && suffix != "-journal" { try place.ask([.preview("a", for: .everyone)]) }
    try text?.write(toFile: victim, atomically: false, encoding: .utf8)
    try FileManager.default.createSymbolicLink(
      atPath: place.queue + suffix, withDestinationPath: victim)
    let before = FileManager.default.contents(atPath: victim)
    let ask = try Programs.run(
      "larkspur", ["enqueue", "preview", "b", "--everyone"], place.environment)
    let work = try place.work("--once")
    #expect(FileManager.default.contents(atPath: victim) == before)
    if suffix == "-journal" { return }
    let runs = suffix == ".worker" ? [work] : [ask, work]
    for run in runs {
      #expect(run.status == 73 || run.status == 74, "\(run.err)")
      #expect(run.err.contains(place.queue), "\(run.err)")
    }
    #expect(try place.records().allSatisfy { !$0.isPreview })
  }

  @Test func `a second name of another file, planted as the lock, reaches nothing`() throws {
    let place = try Place()
    try place.ask([.preview("a", for: .everyone)])
    let victim = place.folder.appending(path: "victim").path
    try "what was here before\n".write(toFile: victim, atomically: false, encoding: .utf8)
    try FileManager.default.linkItem(atPath: victim, toPath: place.queue + ".worker")
    let run = try place.work("--once")
    #expect(run.status == 74 && run.err.contains("queue.db.worker"), "\(run.err)")
    #expect(try String(contentsOfFile: victim, encoding: .utf8) == "what was here before\n")
  }

  @Test func `a pipe planted as the lock keeps nobody waiting`() throws {
    let place = try Place()
    try place.ask([.preview("a", for: .everyone)])
    try #require(mkfifo(place.queue + ".worker", 0o600) == 0)
    let work = try place.work("--once", within: 20)
    #expect(work.status == 74 && work.err.contains("queue.db.worker"), "\(work.err)")
    let status = try Programs.run("larkspur", ["status"], place.environment, within: 20)
    #expect(status.status == 0, "\(status.err)")
  }

  @Test func `a link to a queue leads to the queue and to its lock`() throws {
    let place = try Place()
    try place.ask([.preview("a", for: .everyone)])
    let link = place.folder.appending(path: "link.db").path
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: place.queue)
    let worker = try place.startWork()
    #expect(eventually { (try? place.delivered()) == 1 })
    let second = try place.work("--once", "--db", link)
    #expect(second.status == 0 && second.err.contains("already running on this queue"))
    worker.kill(SIGTERM)
    #expect(worker.finish().status == 0)
  }
}
