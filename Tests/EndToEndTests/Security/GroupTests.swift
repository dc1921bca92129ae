import Foundation
import Programs
import Testing

/// A queue that several users share through a group: one enqueues and another delivers.
@Suite struct GroupTests {
  private static let group: gid_t = 64_999
  private static let web: uid_t = 65_533
  private static let worker: uid_t = 65_534
  private static let outside: uid_t = 65_532

  private let folder: URL
  private var queue: String { folder.appending(path: "shared/queue.db").path }

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "larkspur-group-\(UUID())")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
  }

  private static let canBecomeOthers: Bool = {
    guard geteuid() == 0 else { return false }
    let words = command(outside, Programs.path("larkspur-work"), ["--version"])
    return (try? Programs.run(words[0], Array(words.dropFirst())))?.status == 0
  }()

  private static func command(_ user: uid_t, _ program: String, _ words: [String]) -> [String] {
    let groups = user == outside ? "--clear-groups" : "--groups=\(group)"
    return ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(user)", groups, program] + words
  }

  private func run(
    as user: uid_t, _ program: String = Programs.path("larkspur"), _ words: String...,
    in environment: [String: String] = [:]
  ) throws -> Programs.Finished {
    let words = Self.command(user, program, words)
    let variables = environment.merging(["LARKSPUR_DB": queue, "HOME": folder.path]) { $1 }
    return try Programs.run(words[0], Array(words.dropFirst()), variables)
  }

  private func expectShared(_ when: String) throws {
    let shared = folder.appending(path: "shared").path
    var info = stat()
    try #require(stat(shared, &info) == 0)
    #expect(info.st_mode & 0o7777 == 0o2770 && info.st_gid == Self.group, "\(when)")
    for file in try FileManager.default.contentsOfDirectory(atPath: shared) {
      try #require(stat("\(shared)/\(file)", &info) == 0)
      #expect(
        info.st_mode & 0o7777 == 0o660 && info.st_gid == Self.group,
        "\(when): \(file) has mode \(String(info.st_mode & 0o7777, radix: 8)), group \(info.st_gid)"
      )
    }
  }

  @Test(.enabled(if: canBecomeOthers, "the tests run as root, and others may run the programs"))
  func `a web server enqueues and a worker delivers as two users`() throws {
    let place = try Place()
    let made = try Programs.run(
      "larkspur", ["init", "--group", "\(Self.group)"], ["LARKSPUR_DB": queue])
    #expect(made.status == 0, "\(made.err)")
    try expectShared("made")
    for (round, user) in [Self.worker, Self.web, Self.worker].enumerated() {
      let asking = try run(
        as: Self.web, "/bin/sh", "-c", "umask \(round == 0 ? "0" : "077"); exec \"$@\"", "sh",
        Programs.path("larkspur"), "enqueue", "preview", "a\(round)", "--everyone")
      #expect(asking.status == 0, "\(asking.err)")
      try expectShared("enqueued \(round)")
      let work = try run(
        as: user, Programs.path("larkspur-work"), "--until-empty", in: place.environment)
      #expect(work.status == 0, "\(work.err)")
      try expectShared("delivered \(round)")
    }
    // While the worker stays.
    let words = Self.command(Self.worker, Programs.path("larkspur-work"), [])
    let variables = place.environment.merging(["LARKSPUR_DB": queue]) { $1 }
    let worker = try Programs.start(words[0], Array(words.dropFirst()), variables)
    let sql = "insert into ask (lane, body) values ('b', '{\"everyone\":true}')"
    let plain = try run(as: Self.web, "/usr/bin/sqlite3", queue, sql)
    #expect(plain.status == 0, "\(plain.err)")
    let waited = try run(
      as: Self.web, Programs.path("larkspur"), "enqueue", "preview", "c", "--everyone", "--wait",
      "20s")
    #expect(waited.status == 0, "\(waited.err)")
    let status = try run(as: Self.web, Programs.path("larkspur"), "status")
    #expect(status.out.contains("working since"), "\(status.out)\(status.err)")
    let doctor = try run(as: Self.web, Programs.path("larkspur"), "doctor", in: place.environment)
    #expect(doctor.out.contains("only the owner and group gid \(Self.group)"), "\(doctor.out)")
    try expectShared("working")
    worker.kill(SIGTERM)
    #expect(worker.finish().status == 0)
    try expectShared("ended")
  }

  @Test(.enabled(if: canBecomeOthers, "the tests run as root, and others may run the programs"))
  func `a queue becomes a group's while a worker has it open, and not before`() throws {
    let place = try Place()
    let shared = folder.appending(path: "shared").path
    try FileManager.default.createDirectory(
      atPath: shared, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    place.set("LARKSPUR_DB", queue)
    let worker = try Programs.start("larkspur-work", [], place.environment)
    #expect(eventually { FileManager.default.fileExists(atPath: queue + ".worker") })
    let refused = try run(
      as: Self.web, Programs.path("larkspur"), "enqueue", "preview", "a", "--everyone")
    #expect(refused.status == 74)
    #expect(refused.err.contains("larkspur init --group GROUP --db \(queue)"), "\(refused.err)")
    let look = "; see: ls -ld \(shared) \(queue); 'larkspur doctor' says how to fix it; for several"
    #expect(refused.err.contains(look), "\(refused.err)")
    let made = try Programs.run(
      "larkspur", ["init", "--group", "\(Self.group)", "--json"], place.environment)
    #expect(
      made.out == #"{"queue":"\#(queue)","created":false,"group":"\#(Self.group)"}"# + "\n",
      "\(made.out)\(made.err)")
    try expectShared("shared")
    let asked = try run(
      as: Self.web, Programs.path("larkspur"), "enqueue", "preview", "a", "--everyone", "--wait",
      "20s")
    #expect(asked.status == 0, "\(asked.err)")
    let outside = try run(as: Self.outside, Programs.path("larkspur"), "status")
    #expect(outside.status == 74, "\(outside.out)\(outside.err)")
    #expect(
      outside.err.contains("cannot reach \(queue): permission denied" + look), "\(outside.err)")
    worker.kill(SIGTERM)
    #expect(worker.finish().status == 0)
    try expectShared("ended")
  }

  @Test func `a folder that holds something else is not given away`() throws {
    let other = folder.appending(path: "notes.txt")
    try "mine".write(to: other, atomically: true, encoding: .utf8)
    let path = folder.appending(path: "queue.db").path
    let run = try Programs.run(
      "larkspur", ["init", "--group", "\(getgid())"], ["LARKSPUR_DB": path])
    #expect(run.status == 73, "\(run.err)")
    #expect(run.err.contains("also holds notes.txt"), "\(run.err)")
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test(arguments: [("no-such-group", 73, "there is no group"), ("", 64, "--group is empty")])
  func `a group that is not there is said to be so, and nothing is made`(
    group: String, code: Int, words: String
  ) throws {
    let run = try Programs.run("larkspur", ["init", "--group", group], ["LARKSPUR_DB": queue])
    #expect(run.status == Int32(code) && run.err.contains(words), "\(run.err)")
    #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "shared").path))
  }
}
