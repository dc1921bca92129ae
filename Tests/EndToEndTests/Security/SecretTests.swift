import Foundation
import Programs
import Testing

/// The places in which credentials must not appear.
@Suite struct SecretTests {
  private static let secret = "xyzzy-canary-of-the-secret"
  private static let person = "u-canary-of-a-person"
  private static let personFile = "person"

  private func expectNoCanary(
    in text: String, _ place: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(!text.contains("canary"), "\(place)", sourceLocation: sourceLocation)
  }

  /// A place in which every credential is a canary, and whose Feishu refuses calls.
  private func place(of host: Stranger) throws -> Place {
    let place = try Place(sandbox: nil)
    place.set("LARKSPUR_BASE_URL", host.address)
    place.set("LARKSPUR_APP_SECRET", Self.secret)
    let file = place.folder.appending(path: Self.personFile)
    try "\(Self.person)\n".write(to: file, atomically: true, encoding: .utf8)
    place.set("LARKSPUR_USER_ACCESS_TOKEN_FILE", file.path)
    try place.ask([
      .preview("a", for: .everyone),
      .card("card_1", actions: #"[{"action":"delete_elements","params":{"element_ids":["e"]}}]"#),
      .session("session_1", metadata: "{}"),
    ])
    return place
  }

  @Test(arguments: ["text", "json"])
  func `no credential is in a file, a log, a list or an argument`(log: String) throws {
    // Answers of all kinds: success, a refusal, one that cannot be understood, and one cut off in
    // the middle.
    let host = try Stranger(afterLogin: { request in
      if request.contains("url_previews") {
        return Stranger.json(#"{"code":230001,"msg":"param is invalid"}"#, status: 400)
      }
      if request.contains("cardkit") { return "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{" }
      return Stranger.json(#"{"code":99991668,"msg":"Invalid access token"}"#, status: 400)
    })
    let place = try place(of: host)
    let worker = try place.startWork("--log", log)
    #expect(
      eventually {
        let calls = try? place.number("select count(*) from call where ended_ms is not null")
        return (calls ?? 0) >= 4
      })
    #expect(host.requests.contains { $0.contains(Self.secret) })
    #expect(host.requests.contains { $0.contains(Stranger.accessToken) })
    #expect(host.requests.contains { $0.contains(Self.person) })
    // What `ps` shows of a process.
    for file in ["cmdline", "comm", "status"] {
      let text = try String(contentsOfFile: "/proc/\(worker.pid)/\(file)", encoding: .utf8)
      #expect(!text.isEmpty)
      expectNoCanary(in: text, file)
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: place.folder.path)
    #expect(Set(files).isSuperset(of: ["queue.db", "queue.db-wal", "queue.db-shm"]))
    for file in files where file != Self.personFile {
      let bytes = try Data(contentsOf: place.folder.appending(path: file))
      expectNoCanary(in: String(decoding: bytes, as: UTF8.self), file)
    }
    for words in [
      ["status"], ["status", "--json"], ["list", "--json"], ["list", "--state=dead"],
    ] {
      let run = try Programs.run("larkspur", words, place.environment)
      expectNoCanary(in: run.out + run.err, words.joined(separator: " "))
    }
    worker.kill(SIGTERM)
    let end = worker.finish()
    #expect(!end.err.isEmpty)
    expectNoCanary(in: end.out + end.err, "the log")
  }

  @Test func `a credential that cannot be sent is not repeated in the sentence about it`() throws {
    let place = try Place()
    place.set("LARKSPUR_APP_ID", "cli_\u{1b}canary")
    place.set("LARKSPUR_APP_SECRET", "canary\u{1b}[31m")
    try place.ask([.preview("a", for: .everyone)])
    let run = try place.work("--once")
    #expect(run.status == 77)
    expectNoCanary(in: run.out + run.err, "the log")
  }

  /// Runs a program in a folder that receives its core dump if it crashes, provided that the kernel
  /// writes core dumps into files.
  private static func start(
    _ arguments: [String], in folder: URL, _ environment: [String: String] = [:]
  ) throws -> Started {
    // Otherwise the program inherits the test's blocked signals and would not crash.
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return try Programs.start(
      "/bin/sh",
      ["-c", "cd \"$0\" && ulimit -c unlimited && exec \"$@\"", folder.path] + arguments,
      environment)
  }

  private static func cores(in place: Place) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: place.folder.path).filter {
      $0.hasPrefix("core")
    }
  }

  /// Whether another program leaves a core dump, so that the absence of one means something.
  static let coresAreWritten: Bool = {
    guard let place = try? Place(sandbox: nil),
      let other = try? start(["/bin/sleep", "60"], in: place.folder)
    else { return false }
    let isSleeping = eventually {
      (try? String(contentsOfFile: "/proc/\(other.pid)/comm", encoding: .utf8)) == "sleep\n"
    }
    other.kill(SIGABRT)
    _ = other.finish(within: 20)
    return isSleeping && (try? cores(in: place))?.isEmpty == false
  }()

  @Test(
    .enabled(if: coresAreWritten, "the kernel writes cores into the folder of the process"),
    arguments: [SIGABRT, SIGSEGV] as [Int32])
  func `a worker that crashes leaves no core`(signal: Int32) throws {
    let place = try Place()
    place.set("LARKSPUR_APP_SECRET", Self.secret)
    let worker = try Self.start(
      [Programs.path("larkspur-work"), "--log", "text"], in: place.folder, place.environment)
    try place.ask([.preview("a", for: .everyone)])
    #expect(eventually { worker.errors.contains("auth") })
    worker.kill(signal)
    let end = worker.finish(within: 20)
    #expect(end.status == -1)
    expectNoCanary(in: end.out + end.err, "the log")
    #expect(!end.err.contains("crashed"))
    #expect(try Self.cores(in: place).isEmpty)
  }

  /// Root may read everything, so the test becomes another user.
  private static let asNobody = ["/usr/bin/setpriv", "--reuid=65534", "--clear-groups"]

  private static let canBeNobody: Bool = {
    guard geteuid() == 0 else { return true }
    let version = Array(asNobody.dropFirst()) + [Programs.path("larkspur-work"), "--version"]
    return (try? Programs.run(asNobody[0], version))?.status == 0
  }()

  @Test(.enabled(if: canBeNobody, "the programs can be run by somebody who is not root"))
  func `others of the same user look into neither a worker's memory nor its environment`() throws {
    let place = try Place()
    var command = [Programs.path("larkspur-work")]
    if geteuid() == 0 {
      command = Self.asNobody + command
      try #require(chown(place.folder.path, 65_534, gid_t(getegid())) == 0)
    }
    let worker = try Programs.start(command[0], Array(command.dropFirst()), place.environment)
    #expect(eventually { FileManager.default.fileExists(atPath: place.queue + ".worker") })
    for file in ["environ", "mem"] {
      // The kernel gives files to root that no other user may read.
      var info = stat()
      try #require(stat("/proc/\(worker.pid)/\(file)", &info) == 0)
      #expect(info.st_uid == 0, "\(file)")
    }
    worker.kill(SIGTERM)
    let end = worker.finish()
    #expect(end.status == 0, "\(end.err)")
  }
}
