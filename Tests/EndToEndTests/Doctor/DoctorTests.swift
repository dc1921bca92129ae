import Foundation
import Programs
import Testing

/// `larkspur doctor` as a person runs it.
@Suite struct DoctorTests {
  private func write(_ text: String, to name: String, in place: Place) throws -> String {
    let file = place.folder.appending(path: name)
    try text.write(to: file, atomically: false, encoding: .utf8)
    chmod(file.path, 0o600)
    return file.path
  }

  @Test func `a queue that is well has no wrong finding, and is not changed`() throws {
    let place = try Place(sandbox: nil)
    try place.ask([.preview("a", for: .everyone)])
    let before = try Data(contentsOf: URL(filePath: place.queue))
    let (found, run) = try doctor(place)
    #expect(run.status == 0, "\(run.out)\(run.err)")
    #expect(found.allSatisfy { $0.grade != "wrong" }, "\(run.out)")
    let codes = found.map(\.code)
    for code in [
      "queue_file", "integrity", "schema", "worker", "configuration", "account", "inotify",
    ] {
      #expect(codes.contains(code), "\(codes)")
    }
    #expect(!codes.contains("connection"))
    #expect(run.err.hasPrefix("larkspur: ") && run.err.contains(" fine"))
    #expect(try Data(contentsOf: URL(filePath: place.queue)) == before)
    let files = try FileManager.default.contentsOfDirectory(atPath: place.folder.path)
    #expect(files.sorted() == ["queue.db"])
  }

  @Test func `for people the grade comes first`() throws {
    let place = try Place(sandbox: nil)
    try place.ask([.preview("a", for: .everyone)])
    let run = try Programs.run("larkspur", ["doctor", "--quiet"], place.environment)
    #expect(run.err.isEmpty)
    for line in run.out.split(separator: "\n") {
      #expect(["fine ", "warn ", "wrong", "unkno"].contains(String(line.prefix(5))), "\(line)")
    }
  }

  @Test func `a worker that runs is found, and is not disturbed`() throws {
    let place = try Place()
    let worker = try place.startWork()
    #expect(eventually { FileManager.default.fileExists(atPath: place.queue + ".worker") })
    try place.ask([.preview("a", for: .everyone)])
    #expect(eventually { (try? place.delivered()) == 1 })
    let (found, run) = try doctor(place)
    #expect(run.status == 0, "\(run.out)")
    for code in ["worker", "worker_version", "queue_clock"] {
      #expect(found.contains { $0.code == code && $0.grade == "fine" }, "\(run.out)")
    }
    try place.ask([.preview("b", for: .everyone)])
    #expect(eventually { (try? place.delivered()) == 2 })
    worker.kill(SIGTERM)
    #expect(worker.finish().status == 0)
  }

  @Test func `without a queue the rest is checked`() throws {
    let place = try Place(sandbox: nil)
    let (found, run) = try doctor(place)
    #expect(run.status == 0)
    #expect(found.first?.code == "queue_file" && found.first?.grade == "warn")
    #expect(found.contains { $0.code == "account" && $0.grade == "fine" })
    #expect(!FileManager.default.fileExists(atPath: place.queue))
  }

  @Test func `a broken configuration is a finding`() throws {
    let place = try Place(sandbox: nil)
    try place.ask([.preview("a", for: .everyone)])
    place.set("LARKSPUR_CONFIG", try write("{", to: "config.json", in: place))
    let (found, run) = try doctor(place)
    #expect(run.status == 78)
    let configuration = found.first { $0.code == "configuration" }
    #expect(configuration?.grade == "wrong" && configuration?.fix?.isEmpty == false)
    #expect(found.contains { $0.code == "integrity" && $0.grade == "fine" })
    #expect(found.contains { $0.code == "inotify" })
  }

  @Test func `a broken queue is a finding, and decides the exit code`() throws {
    let place = try Place(sandbox: nil)
    place.queue = try write(String(repeating: "no database\n", count: 99), to: "notes", in: place)
    place.set("LARKSPUR_APP_SECRET", "")
    place.set("LARKSPUR_APP_SECRET_FILE", "/nonexistent/secret")
    let (found, run) = try doctor(place)
    #expect(run.status == 74)
    #expect(found.contains { $0.code == "database" && $0.grade == "wrong" })
    #expect(found.contains { $0.code == "secret" && $0.grade == "wrong" })
  }

  @Test func `warnings count with --strict`() throws {
    let place = try Place(sandbox: nil)
    try place.ask([.preview("a", for: .everyone)])
    chmod(place.queue, 0o644)
    #expect(try doctor(place).run.status == 0)
    #expect(try doctor(place, "--strict").run.status == 1)
  }

  /// Root may read everything, so the test becomes another user.
  private static let asNobody = ["/usr/bin/setpriv", "--reuid=65534", "--clear-groups"]

  private static let canBeNobody: Bool = {
    guard geteuid() == 0 else { return false }
    let version = Array(asNobody.dropFirst()) + [Programs.path("larkspur"), "--version"]
    return (try? Programs.run(asNobody[0], version))?.status == 0
  }()

  @Test(.enabled(if: canBeNobody, "root can become nobody"))
  func `another user learns what cannot be checked, and leaves nothing behind`() throws {
    let place = try Place(sandbox: nil)
    try place.ask([.preview("a", for: .everyone)])
    chmod(place.folder.path, 0o755)
    let command = Self.asNobody + [Programs.path("larkspur"), "doctor", "--json"]
    let run = try Programs.run(command[0], Array(command.dropFirst()), place.environment)
    #expect(run.status == 0, "\(run.out)\(run.err)")
    #expect(run.out.contains(#""code":"database","grade":"unknown""#), "\(run.out)")
    // One that may read it, in a folder that it may write.
    chmod(place.queue, 0o644)
    chmod(place.folder.path, 0o777)
    let reader = try Programs.run(command[0], Array(command.dropFirst()), place.environment)
    #expect(reader.out.contains(#""code":"integrity","grade":"fine""#), "\(reader.out)")
    let files = try FileManager.default.contentsOfDirectory(atPath: place.folder.path)
    #expect(files.sorted() == ["queue.db"])
  }

  @Test(.enabled(if: canBeNobody, "root can become nobody"), arguments: [true, false])
  func `the worker's secret is not taken from it by somebody else's doctor`(hasQueue: Bool) throws {
    let place = try Place(sandbox: nil)
    chmod(place.folder.path, 0o755)
    if hasQueue {
      try place.ask([.preview("a", for: .everyone)])
      chown(place.queue, 1_000, 1_000)
    }
    let file = try write("s3cret", to: "secret", in: place)
    chown(file, 1_000, 1_000)
    place.set("LARKSPUR_APP_SECRET", "")
    place.set("LARKSPUR_APP_SECRET_FILE", file)
    let command = Self.asNobody + [Programs.path("larkspur"), "doctor", "--json"]
    let run = try Programs.run(command[0], Array(command.dropFirst()), place.environment)
    #expect(run.out.contains(#""code":"secret","grade":"unknown""#), "\(run.out)")
    #expect(run.out.contains("run this as the user who runs the worker"), "\(run.out)")
  }

  @Test(.enabled(if: canBeNobody, "root can become nobody"))
  func `somebody else's home is no place for the configuration`() throws {
    let place = try Place(sandbox: nil)
    chmod(place.folder.path, 0o755)
    let home = place.folder.appending(path: "home").path
    try FileManager.default.createDirectory(
      atPath: home + "/.config", withIntermediateDirectories: true)
    chmod(home, 0o700)
    place.set("HOME", home)
    place.set("XDG_CONFIG_HOME", "")
    place.set("LARKSPUR_CONFIG", "")
    let command = Self.asNobody + [Programs.path("larkspur-work"), "--check"]
    let run = try Programs.run(command[0], Array(command.dropFirst()), place.environment)
    #expect(run.status == 78)
    #expect(
      run.err.hasSuffix(
        "/.config/larkspur/config.json: permission denied; set HOME to the home of the user who runs "
          + "this, or LARKSPUR_CONFIG to the file\n"), "\(run.err)")
  }

  private func size(of path: String) throws -> Int {
    try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
  }

  @Test func `a reader that keeps the log from being written back is named`() throws {
    let place = try Place(sandbox: nil)
    try place.ask([.preview("a", for: .everyone)])
    let reader = try Shell(place.queue)
    try reader.run("begin; select count(*) from ask;")
    let people = (0..<5_000).map { "ou_\($0)" }
    var asks = 0
    while try size(of: place.queue + "-wal") < 20_000_000 {
      try place.ask((0..<20).map { .preview("t\(asks + $0)", for: .people(people)) })
      asks += 20
    }
    let (found, run) = try doctor(place)
    let log = found.first { $0.code == "log_size" }
    #expect(
      log?.grade == "warn" && log?.summary.contains("(sqlite3) reads an old state") == true,
      "\(run.out)")
    try reader.end()
  }

  @Test func `Ctrl-C ends it at once`() throws {
    // A listener that accepts connections and never answers.
    let place = try Place(sandbox: nil)
    let mute = try LocalPort()
    try mute.listenAndStayMute()
    place.set("LARKSPUR_BASE_URL", "http://127.0.0.1:\(mute.number)")
    let session = try OwnSession(
      .own, Programs.path("larkspur"), ["doctor", "--online"], place.environment)
    #expect(eventually { session.read().contains("machine: ") })
    session.send(SIGINT)
    #expect(session.end(within: 5) == 130)
  }

  @Test func `a report holds no secret and no name, and overwrites nothing`() throws {
    let place = try Place()
    try place.ask([
      .preview("bad_token_canary1", for: .people(["ou_canary2"])),
      .preview("ticket-canary3", for: .everyone), .preview("ticket-4", for: .everyone),
    ])
    _ = try place.work("--once")
    try place.ask([.preview("ticket-canary5", for: .people(["ou_canary6"]), after: .seconds(600))])
    let report = place.folder.appending(path: "report.txt")
    let run = try Programs.run("larkspur", ["doctor", "--report", report.path], place.environment)
    #expect(run.status == 0, "\(run.out)\(run.err)")
    #expect(run.err.contains("wrote \(report.path); read it before you give it to anybody"))
    let text = try String(contentsOf: report, encoding: .utf8)
    #expect(!text.contains("canary") && !text.contains("ticket-4"), "\(text)")
    #expect(text.contains("230001") && text.contains("[findings]"))
    let mode = try FileManager.default.attributesOfItem(atPath: report.path)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    let again = try Programs.run(
      "larkspur", ["doctor", "--report", report.path], place.environment)
    #expect(again.status == 73 && again.out.isEmpty && again.err.contains("file exists"))
    #expect(try String(contentsOf: report, encoding: .utf8) == text)
  }
}
