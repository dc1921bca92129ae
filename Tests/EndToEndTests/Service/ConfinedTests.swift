import Foundation
import Larkspur
import Programs
import Testing

/// The programs under the restrictions of the units, which `Confined/confined.py` reads from them and applies: the system's
/// files read-only, a user in a namespace without others, no capability, and the filters of system calls. It says
/// which restrictions only systemd itself can apply.
@Suite(.serialized, .enabled(if: Confined.isTried, "root, systemd and namespaces are here"))
struct ConfinedTests {
  private let place: Place
  private let confined: Confined

  init() throws {
    place = try Place()
    confined = try Confined(in: place.folder)
    // By name, so that names are resolved under the restrictions too.
    let address = place.environment["LARKSPUR_BASE_URL"] ?? ""
    place.set("LARKSPUR_BASE_URL", address.replacing("127.0.0.1", with: "localhost"))
    place.queue = confined.queue
  }

  private func expectShared() throws {
    let folder = URL(filePath: place.queue).deletingLastPathComponent().path
    var (info, file) = (stat(), stat())
    try #require(stat(folder, &info) == 0)
    #expect(info.st_mode & 0o7777 == 0o2770 && info.st_uid == confined.user)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      try #require(stat("\(folder)/\(name)", &file) == 0)
      #expect(file.st_mode & 0o7777 == 0o660 && file.st_gid == info.st_gid, "\(name)")
    }
  }

  private func make(_ unit: String = "larkspur.service") throws {
    let made = try confined.run(unit, "ExecStartPre", in: place.environment)
    #expect(made.status == 0 && made.err == "", "\(made.err)")
    try expectShared()
  }

  @Test func `the service makes its queue, delivers, reloads and ends`() throws {
    let manager = try Manager()
    place.set("NOTIFY_SOCKET", manager.address)
    place.set("WATCHDOG_USEC", "4000000")
    // It does no harm to do it again.
    for _ in 1...2 { try make() }
    let words = confined.command("larkspur.service", "ExecStart")
    let worker = try OwnSession(.none, words[0], Array(words.dropFirst()), place.environment)
    #expect(manager.hears("READY=1"), "\(worker.read())")
    try place.ask([.preview("a", for: .everyone)])
    #expect(eventually(within: 20) { (try? place.delivered()) == 1 }, "\(worker.read())")
    let before = manager.seen()
    worker.send(SIGHUP)
    #expect(manager.hears("RELOADING=1", after: before) && manager.hears("READY=1", after: before))
    #expect(manager.hears("WATCHDOG=1", after: before))
    #expect(worker.read().contains("the configuration was reloaded"), "\(worker.output)")
    worker.send(SIGTERM)
    #expect(worker.end() == 0, "\(worker.output)")
    try expectShared()
  }

  @Test func `a run of the timer delivers what is due`() throws {
    try make("larkspur-once.service")
    try place.ask([.preview("a", for: .everyone)])
    let run = try confined.run("larkspur-once.service", "ExecStart", in: place.environment)
    #expect(run.status == 0 && run.err == "", "\(run.err)")
    #expect(try place.delivered() == 1)
    try expectShared()
  }

  /// A member of the group enqueues before the worker has ever run.
  @Test func `a queue that a member has made is the group's`() throws {
    let words = [
      "--reuid=65533", "--regid=65533", "--groups=\(confined.user)", Programs.path("larkspur"),
      "enqueue",
      "preview", "a", "--everyone",
    ]
    let asked = try Programs.run("/usr/bin/setpriv", words, ["LARKSPUR_DB": place.queue])
    #expect(asked.status == 0, "\(asked.err)")
    try make()
    let run = try confined.run("larkspur-once.service", "ExecStart", in: place.environment)
    #expect(run.status == 0 && run.err == "", "\(run.err)")
    #expect(try place.delivered() == 1)
    try expectShared()
  }

  /// What is tried, and what it must say.
  static let attempts: [(String, String)] = [
    ("touch /etc/larkspur-test", "Read-only file system"),
    ("touch /usr/larkspur-test", "Read-only file system"),
    ("test $(stat -c %a /root) != 0 || { echo hidden >&2; exit 1; }", "hidden"),
    ("chmod 4755 /tmp/x", "Operation not permitted"),
    ("unshare --user true", "Operation not permitted"),
    ("mount -t tmpfs none /tmp", "Operation not permitted|permission denied|must be superuser"),
    ("renice -n -5 $$", "Operation not permitted|Permission denied"),
    ("setpriv --reuid=0 true", "Operation not permitted"),
    ("chown \(getuid()) /tmp/x", "Operation not permitted"),
    ("kill -0 1", "No such process|not permitted"),
    ("/usr/bin/python3 -c 'import mmap; mmap.mmap(-1, 4096, prot=7)'", "Operation not permitted"),
    ("/usr/bin/python3 -c 'import socket; socket.socket(17, 3)'", "not supported"),
    ("/usr/bin/python3 -c 'import socket; socket.socket(16, 3)'", "not supported"),
    (
      "/usr/bin/python3 -c 'import socket; socket.sethostname(socket.gethostname())'",
      "not permitted"
    ),
    (
      "/usr/bin/python3 -c 'import os; os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))'",
      "not permitted"
    ),
  ]

  @Test(arguments: attempts)
  func `the restrictions bite`(attempt: String, refusal: String) throws {
    let shell = ["/bin/sh", "-c", "touch /tmp/x; \(attempt)"]
    let run = try confined.run("larkspur.service", "--", shell, in: ["LC_ALL": "C"])
    let isRefused = refusal.split(separator: "|").contains { run.err.contains($0) }
    #expect(run.status != 0 && isRefused, "\(run.status): \(run.out)\(run.err)")
  }

  @Test func `nothing is left of root`() throws {
    let shell = [
      "/bin/sh", "-c", "cat /proc/self/status; umask; ls /dev; ls -d /proc/[0-9]* | wc -l",
    ]
    let run = try confined.run("larkspur.service", "--", shell)
    for line in [
      "CapPrm:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2",
    ] {
      #expect(run.out.contains(line), "\(run.out)\(run.err)")
    }
    #expect(run.out.contains("0077\n") && !run.out.contains("sda") && !run.out.contains("kmsg"))
    // Its own processes alone: the shell, ls and wc.
    let last = run.out.split(separator: "\n").last.flatMap { Int($0) }
    #expect((last ?? 99) <= 4, "\(run.out)")
  }

  @Test func `a restriction that is new in the unit is not left out unnoticed`() throws {
    let unit = place.folder.appending(path: "new.service")
    let text = try Unit.text("larkspur.service")
      .replacing("ProtectProc=", with: "ProtectEverything=yes\nProtectProc=")
    try text.write(to: unit, atomically: false, encoding: .utf8)
    let run = try confined.run(unit.path, "--", ["/bin/true"])
    #expect(
      run.status == 1 && run.err.contains("not applied here: ProtectEverything"), "\(run.err)")
  }
}

/// Starts programs through `confined.py`.
struct Confined {
  private let root: URL
  /// The number of the user that systemd-sysusers has made, and of its group.
  let user: uid_t

  static let isTried = (Unshared.isTried && geteuid() == 0 && Unit.isTried) || Unshared.isRequired

  init(in folder: URL) throws {
    root = folder.appending(path: "root")
    for run in try Unit.install(in: root) where run.status != 0 { throw Place.Trouble(run.err) }
    let passwd = try String(contentsOf: root.appending(path: "etc/passwd"), encoding: .utf8)
    guard let user = uid_t(passwd.split(separator: ":")[2]) else { throw Place.Trouble(passwd) }
    self.user = user
  }

  /// The unit's queue, as it is seen from outside.
  var queue: String { root.appending(path: "var/lib/larkspur/queue.db").path }

  private static let launcher = URL(filePath: #filePath)
    .deletingLastPathComponent().appending(path: "Confined/confined.py").path

  func command(_ unit: String, _ key: String, _ words: [String] = []) -> [String] {
    let unit = unit.hasPrefix("/") ? unit : Unit.path(unit)
    return ["/usr/bin/python3", "-EB", Self.launcher, unit, root.path, Programs.folder.path, key]
      + words
  }

  func run(
    _ unit: String, _ key: String, _ words: [String] = [], in environment: [String: String] = [:]
  ) throws -> Programs.Finished {
    let words = command(unit, key, words)
    return try Programs.run(words[0], Array(words.dropFirst()), environment, within: 60)
  }
}
