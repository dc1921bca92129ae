import Foundation
import Programs
import Testing

/// The units in `contrib`, judged by systemd's own tools, which need no systemd that runs.
@Suite(.enabled(if: Unit.isTried, "systemd is installed")) struct UnitTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "larkspur-units-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  @Test func `systemd finds nothing wrong with the units`() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    // They name the installed program, which is not here.
    for name in Unit.all {
      let text = try Unit.text(name).replacing("/usr/bin/larkspur", with: Programs.path("larkspur"))
      try text.write(to: folder.appending(path: name), atomically: false, encoding: .utf8)
    }
    for name in Unit.all {
      let path = folder.appending(path: name).path
      let run = try Unit.tool("systemd-analyze", "verify", "--man=no", path)
      // It also reads the machine's other units, and complains about those.
      #expect(!run.err.contains("larkspur"), "\(run.err)")
    }
    // A control: it does complain.
    let wrong = folder.appending(path: "wrong.service")
    let text = try Unit.text("larkspur.service")
    try text.write(to: wrong, atomically: false, encoding: .utf8)
    let run = try Unit.tool("systemd-analyze", "verify", "--man=no", wrong.path)
    #expect(
      run.err.contains("wrong.service: Command /usr/bin/larkspur is not executable"), "\(run.err)")
  }

  @Test(arguments: Unit.services)
  func `a service is exposed to 2.0 at most`(name: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    func judge(_ path: String) throws -> Programs.Finished {
      try Unit.tool(
        "systemd-analyze", "security", "--no-pager", "--offline=yes", "--threshold=20", path)
    }
    let run = try judge(Unit.path(name))
    #expect(run.status == 0, "\(run.out)\(run.err)")
    let judged = name.replacing("@.", with: "@i.")
    #expect(run.out.contains("Overall exposure level for \(judged): "), "\(run.out)")
    let bare = folder.appending(path: name)
    let lines = try Unit.lines(name).filter {
      !$0.hasPrefix("SystemCall") && !$0.hasPrefix("Restrict")
    }
    try "[Service]\n\(lines.joined(separator: "\n"))\n"
      .write(to: bare, atomically: false, encoding: .utf8)
    #expect(try judge(bare.path).status != 0)
  }

  @Test func `all services may do the same, but that a shared queue belongs to no group`() throws {
    let own = ["Type=", "ExecStart=", "ExecReload=", "Restart", "WatchdogSec=", "Timeout"]
    let shared = try Unit.services.map { name in
      try Unit.lines(name).filter { line in !own.contains { line.hasPrefix($0) } }
    }
    #expect(shared[0] == shared[1])
    #expect(shared[0].contains("NoNewPrivileges=yes"))
    let ofFile = ["Environment", "ExecStartPre=", "SystemCallFilter=@chown"]
    let others = shared.map { $0.filter { line in !ofFile.contains { line.hasPrefix($0) } } }
    #expect(others[0] == others[2])
  }

  @Test func `what a restart does not help is not restarted`() throws {
    let lines = try Unit.lines("larkspur.service")
    #expect(lines.contains("RestartPreventExitStatus=64 66 77 78"))
    #expect(lines.contains("Restart=always") && lines.contains("Type=notify"))
  }

  @Test func `the user, the group and the folders are made`() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    for run in try Unit.install(in: folder) { #expect(run.status == 0, "\(run.err)") }
    func text(_ name: String) throws -> String {
      try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }
    let user = try #require(try text("etc/passwd").split(separator: "\n").first)
    #expect(user.hasPrefix("larkspur:x:") && user.hasSuffix(":/usr/sbin/nologin"))
    #expect(try text("etc/group").hasPrefix("larkspur:x:"))
    let id = user.split(separator: ":")[2]
    var info = stat()
    try #require(stat(folder.appending(path: "var/lib/larkspur").path, &info) == 0)
    #expect(info.st_mode & 0o7777 == 0o2770)
    // Only root can give a folder away.
    if geteuid() == 0 { #expect("\(info.st_uid)" == id && "\(info.st_gid)" == id) }
    try #require(stat(folder.appending(path: "etc/larkspur").path, &info) == 0)
    #expect(info.st_mode & 0o7777 == 0o750)
    if geteuid() == 0 { #expect(info.st_uid == 0 && "\(info.st_gid)" == id) }
  }
}
