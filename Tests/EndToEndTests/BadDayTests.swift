import Foundation
import Larkspur
import Programs
import Testing

/// When something goes wrong: one message that says what to do, the right exit code, and nothing
/// lost.
@Suite struct BadDayTests {
  private func place(_ options: String...) throws -> Place {
    let place = try Place(sandbox: options)
    try place.ask([.preview("a", for: .people(["ou_1"]))])
    return place
  }

  private func expect(
    _ run: Programs.Finished, exits status: Int32, saying words: String..., at place: Place,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(run.status == status, "\(run.err)", sourceLocation: sourceLocation)
    for word in words {
      #expect(run.err.contains(word), "\(run.err)", sourceLocation: sourceLocation)
    }
    for line in run.err.split(separator: "\n") {
      #expect(line.hasPrefix("larkspur: "), "\(line)", sourceLocation: sourceLocation)
    }
    #expect(!run.err.contains("Fatal error"), sourceLocation: sourceLocation)
    #expect(
      try place.number("select count(*) from ask where outcome is null") == 1,
      sourceLocation: sourceLocation)
  }

  @Test func `without credentials it says which variables to set`() throws {
    let place = try place()
    place.set("LARKSPUR_APP_ID", "")
    try expect(try place.work("--once"), exits: 78, saying: "LARKSPUR_APP_ID is not set", at: place)
    place.set("LARKSPUR_APP_ID", "cli_sandbox")
    place.set("LARKSPUR_APP_SECRET", "")
    try expect(try place.work("--once"), exits: 78, saying: "LARKSPUR_APP_SECRET_FILE", at: place)
  }

  @Test func `a wrong secret parks the account until it is resumed`() throws {
    let place = try place()
    place.set("LARKSPUR_APP_SECRET", "open-sesame")
    let wrong = try place.work("--until-empty")
    try expect(wrong, exits: 77, saying: "10014", "larkspur resume default", at: place)
    #expect(!wrong.err.contains("sesame"))
    place.set("LARKSPUR_APP_SECRET", "sandbox")
    try expect(try place.work("--once"), exits: 77, saying: "larkspur resume", at: place)
    #expect(try Inspector(queue: place.queue).resume(account: "default"))
    #expect(try place.work("--until-empty").status == 0)
    #expect(try place.delivered() == 1)
  }

  @Test func `a secret's file is read at need, and its absence is named`() throws {
    let place = try place()
    let file = place.folder.appending(path: "secret").path
    place.set("LARKSPUR_APP_SECRET", "")
    place.set("LARKSPUR_APP_SECRET_FILE", file)
    try expect(try place.work("--once"), exits: 77, saying: file, "no such file", at: place)
    try "sandbox\n".write(toFile: file, atomically: true, encoding: .utf8)
    #expect(try place.work("--once").status == 0)
  }

  @Test func `a missing scope parks the account`() throws {
    let place = try place("--missing-scope")
    try expect(try place.work("--until-empty"), exits: 77, saying: "99991672", at: place)
  }

  @Test func `no network, or a closed port, is the host that cannot be reached`() throws {
    let place = try place()
    place.set("LARKSPUR_BASE_URL", "http://127.0.0.1:1")
    try expect(try place.work("--once"), exits: 69, saying: "cannot be reached", at: place)
    place.set("LARKSPUR_BASE_URL", "https://no-such-host.invalid")
    try expect(try place.work("--once"), exits: 69, saying: "resolve", at: place)
  }

  @Test func `TLS that fails is the host that cannot be reached`() throws {
    let place = try place()
    let plain = place.environment["LARKSPUR_BASE_URL"] ?? ""
    place.set("LARKSPUR_BASE_URL", plain.replacingOccurrences(of: "http:", with: "https:"))
    try expect(try place.work("--once"), exits: 69, saying: "cannot be reached", at: place)
  }

  @Test func `plain http to another machine is refused before anything is sent`() throws {
    let place = try place()
    place.set("LARKSPUR_BASE_URL", "http://open.feishu.cn")
    try expect(try place.work("--once"), exits: 78, saying: "plain http", at: place)
  }

  @Test(arguments: ["--html", "--fail-5xx", "--cut"])
  func `an answer that is no answer is repeated until there is one`(fault: String) throws {
    let place = try place(fault, "first:1")
    let run = try place.work("--until-empty")
    #expect(run.status == 0 && run.err.isEmpty, "\(run.err)")
    #expect(try place.delivered() == 1)
    #expect(try place.records().allSatisfy { $0.verdict == "ok" || $0.verdict == "fault" })
  }

  @Test(arguments: ["--drop-before", "--drop-after"])
  func `a kept connection that breaks is not the network library's to repeat`(
    fault: String
  ) throws {
    // The access token comes over the same connection, so the call's connection is a reused one.
    let place = try place(fault, "first:1")
    #expect(try place.work("--until-empty").status == 0)
    let calls = try place.previews()
    #expect(calls.count == 2)
    #expect(calls[1].arrived_us - calls[0].arrived_us >= 5_000_000)
  }

  @Test func `an answer that never comes is given up after ten seconds and repeated`() throws {
    let place = try place("--never", "first:1")
    #expect(try place.work("--until-empty").status == 0)
    let calls = try place.previews()
    #expect(calls.count == 2)
    #expect(calls[1].arrived_us - calls[0].arrived_us >= 15_000_000)
  }

  @Test func `being limited is waited out, and the month's end is not`() throws {
    let limited = try place("--limit", "first:2")
    #expect(try limited.work("--until-empty").status == 0)
    #expect(try limited.delivered() == 1)
    let spent = try place("--quota")
    try expect(try spent.work("--until-empty"), exits: 75, saying: "99991403", at: spent)
    try expect(try spent.work("--until-empty"), exits: 75, saying: "99991403", at: spent)
    #expect(try spent.previews().count == 1)
  }

  @Test func `an access token that is refused is replaced`() throws {
    let place = try place("--reject-token", "first:1")
    #expect(try place.work("--until-empty").status == 0)
    #expect(try place.delivered() == 1)
  }

  @Test func `a token that Feishu refuses is dead, is named, and the exit code says so`() throws {
    let place = try Place()
    try place.ask([.preview("bad_token_1", for: .everyone), .preview("good", for: .everyone)])
    let run = try place.work("--until-empty")
    #expect(run.status == 1)
    #expect(run.err.contains("bad_token_1") && run.err.contains("230001"))
    #expect(try place.delivered() == 1)
    #expect(try place.number("select count(*) from dead") == 1)
  }

  @Test func `under cron it says nothing when nothing is wrong`() throws {
    let place = try place()
    for arguments in [["--once"], ["--for", "1s"], ["--until-empty"]] {
      let run = try Programs.run("larkspur-work", arguments, place.environment)
      #expect(run.status == 0 && run.out.isEmpty && run.err.isEmpty, "\(run.err)")
    }
  }

  @Test func `a service logs a line for each call, with tokens shortened`() throws {
    let place = try Place()
    let worker = try place.startWork("--log", "text")
    try place.ask([.preview("a_very_long_and_secret_token", for: .everyone)])
    #expect(eventually { worker.errors.contains("delivered") })
    worker.kill(SIGTERM)
    let end = worker.finish()
    #expect(!end.err.contains("a_very_long_and_secret_token"))
    #expect(end.err.contains("a_very_long_…"))
  }

  @Test func `machines read one object a line`() throws {
    let place = try place()
    let run = try place.work("--once", "--log", "json")
    let lines = run.err.split(separator: "\n")
    #expect(!lines.isEmpty)
    for line in lines {
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    }
  }

  @Test func `a queue from a newer program is left alone`() throws {
    let place = try place()
    try Connection(path: place.queue, mode: .readWrite).run(script: "pragma user_version = 99")
    let run = try place.work("--once")
    #expect(run.status == 74)
    #expect(run.err.contains("newer Larkspur"))
  }

  @Test func `asked to end while it waits for a lock, it ends, for there is nothing to write down`()
    throws
  {
    let place = try place()
    let holder = try Connection(path: place.queue, mode: .readWrite)
    try holder.run(script: "begin immediate")
    let worker = try place.startWork()
    #expect(eventually { worker.errors.contains("locked by another program") })
    worker.kill(SIGTERM)
    #expect(worker.finish(within: 30).status == 0)
    try holder.run(script: "rollback")
  }

  @Test func `a queue that is removed under a worker ends it, and says so`() throws {
    let place = try place()
    let worker = try place.startWork("--log", "text")
    #expect(eventually { (try? place.delivered()) == 1 })
    for suffix in ["", "-wal", "-shm"] {
      try FileManager.default.removeItem(atPath: place.queue + suffix)
    }
    let end = worker.finish()
    #expect(end.status == 74)
    #expect(end.err.contains("moved or removed"))
  }

  @Test func `a lock held for a while is waited for`() throws {
    let place = try place()
    let holder = try Connection(path: place.queue, mode: .readWrite)
    try holder.run(script: "begin immediate")
    let worker = try place.startWork("--until-empty")
    #expect(eventually { worker.errors.contains("locked by another program") })
    #expect(worker.process.isRunning)
    try holder.run(script: "rollback")
    #expect(worker.finish().status == 0)
    #expect(try place.delivered() == 1)
  }

  @Test(.enabled(if: SmallDisk.canBeMade, "a small disk can be made"))
  func `a full disk stops everything politely, and room lets it go on`() throws {
    let place = try Place()
    let disk = try SmallDisk(kilobytes: 1_000, at: place.folder.appending(path: "disk").path)
    let queue = disk.path + "/queue.db"
    place.set("LARKSPUR_DB", queue)
    let intake = try Intake(queue: queue)
    var asked = 0
    let full = #expect(throws: QueueError.self) {
      while asked < 100_000 {
        asked += try intake.add([.preview("t\(asked)", for: .everyone)]).count
      }
    }
    #expect(full?.description.contains("is full") == true)
    let stuck = try place.work("--once")
    #expect(stuck.status == 74)
    #expect(stuck.err.contains("Free some space"))
    try disk.grow(toKilobytes: 200_000)
    #expect(try place.work("--for", "1s").status == 0)
    let rows = try Inspector(queue: queue).rows("select count(*) from ask").rows
    #expect(rows == [[.int(asked)]])
  }

  @Test(.enabled(if: SmallDisk.canBeMade, "a small disk can be made"))
  func `a queue that cannot be written says so, to whoever asks or works`() throws {
    let place = try Place()
    let disk = try SmallDisk(kilobytes: 2_000, at: place.folder.appending(path: "disk").path)
    let queue = disk.path + "/queue.db"
    place.set("LARKSPUR_DB", queue)
    do { _ = try Intake(queue: queue).add([.preview("a", for: .everyone)]) }
    try disk.makeReadOnly()
    let work = try place.work("--once")
    let ask = try Programs.run(
      "larkspur", ["enqueue", "preview", "b", "--everyone"], place.environment)
    for run in [work, ask] {
      #expect(run.status == 74, "\(run.err)")
      #expect(run.err.contains(queue) && run.err.contains("ls -l"), "\(run.err)")
      #expect(run.err.split(separator: "\n").count == 1)
    }
  }

  @Test func `no secret is ever written anywhere`() throws {
    let place = try Place(sandbox: ["--app", "cli_x:xyzzy-secret"])
    place.set("LARKSPUR_APP_ID", "cli_x")
    place.set("LARKSPUR_APP_SECRET", "xyzzy-secret")
    try place.ask([.preview("a", for: .everyone)])
    let worker = try place.startWork("--log", "json")
    #expect(eventually { (try? place.delivered()) == 1 })
    let arguments = try String(contentsOfFile: "/proc/\(worker.pid)/cmdline", encoding: .utf8)
    #expect(!arguments.contains("xyzzy"))
    for file in ["queue.db", "queue.db-wal", "queue.db.worker"] {
      let bytes = try Data(contentsOf: place.folder.appending(path: file))
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(!text.contains("xyzzy") && !text.contains("Bearer"))
    }
    worker.kill(SIGTERM)
    #expect(!worker.finish().err.contains("xyzzy"))
  }
}
