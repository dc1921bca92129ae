import Foundation
import Programs
import Testing

/// The real `larkspur demo`, in a temporary folder of its own.
@Suite(.serialized) struct DemoTests {
  private let folder: URL
  /// What a user may have set. It must not affect the demo.
  private var environment: [String: String] {
    [
      "TMPDIR": folder.path, "LARKSPUR_DB": "/nonexistent/queue.db", "LARKSPUR_APP_ID": "cli_real",
      "LARKSPUR_APP_SECRET": "secret", "LARKSPUR_BASE_URL": "https://nowhere.invalid",
      "LARKSPUR_CONFIG": "/nonexistent/config.json", "all_proxy": "http://127.0.0.1:1",
    ]
  }

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "larkspur-demo-test-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// The demo, which writes its report into the folder.
  private func start(_ words: String...) throws -> Started {
    let program = ["-C", folder.path, Programs.path("larkspur"), "demo"]
    return try Programs.start("/usr/bin/env", program + words, environment)
  }

  private func leftBehind() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
  }

  /// The demo's processes: their environment names the folder. Only root may read a worker's
  /// environment, but its arguments name the queue in the folder.
  private func running() -> [Int32] {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.compactMap { Int32($0) }.filter { process in
      process != getpid()
        && [("environ", "TMPDIR=\(folder.path)\0"), ("cmdline", "\0\(folder.path)/")].contains {
          file, words in
          let text = try? Data(contentsOf: URL(filePath: "/proc/\(process)/\(file)"))
          return text.map { String(decoding: $0, as: UTF8.self).contains(words) } ?? false
        }
    }
  }

  @Test func `it delivers a morning and leaves its report behind`() throws {
    let ended = try start().finish()
    #expect(ended.status == 0, "\(ended.err)")
    #expect(ended.err.contains("300 of 300 tickets up to date"))
    #expect(!ended.out.contains("\u{1b}") && !ended.err.contains("\u{1b}"))
    #expect(ended.err.split(separator: "\n").allSatisfy { $0.hasPrefix("larkspur: ") })
    let lines = ended.out.split(separator: "\n").map(String.init)
    #expect(lines.contains { $0.hasPrefix("refusals") && $0.hasSuffix("none") }, "\(ended.out)")
    #expect(lines.contains { $0.hasPrefix("calls not delivered") && $0.hasSuffix(" 0") })
    for chat in ["checkout", "sales"] {
      #expect(
        lines.contains {
          $0.hasPrefix(chat) && $0.contains("1041: payments fail  1041: fixed  ")
        }, "\(ended.out)")
    }
    #expect(lines.contains { $0.contains("one ask, by its key, and 1 call.") }, "\(ended.out)")
    #expect(lines.contains("ticket-1041  9         36       1"), "\(ended.out)")
    let commands = lines.suffix(4)
    #expect(commands.first?.hasPrefix("export LARKSPUR_APP_ID=") == true)
    #expect(commands.last == "larkspur work --until-empty")
    let report = folder.appending(path: "larkspur-demo.html")
    let path = report.resolvingSymlinksInPath().path
    #expect(lines.contains("The picture of it, to open in a browser: \(path)"), "\(ended.out)")
    let page = try String(contentsOf: report, encoding: .utf8)
    #expect(page.contains("Lanes over time") && page.contains("All is well."))
    #expect(try leftBehind() == ["larkspur-demo.html"])
    #expect(running().isEmpty)
    try FileManager.default.removeItem(at: folder)
  }

  @Test func `a report that cannot be written is one sentence, and the demo goes on`() throws {
    try Data("mine".utf8).write(to: folder.appending(path: "larkspur-demo.html"))
    let ended = try start("--json").finish()
    #expect(ended.status == 0 && ended.out.contains("\"report\":null"))
    #expect(
      ended.err.contains(
        "larkspur: cannot write report larkspur-demo.html: it exists and was not written by this "
          + "command; run the demo in a folder that you may write to"))
    try FileManager.default.removeItem(at: folder)
  }

  @Test(
    arguments: [
      (SIGINT, 130, "09:01"), (SIGHUP, 129, "09:01"), (SIGTERM, 143, "08:50"),
    ] as [(Int32, Int32, String)])
  func `ended early, it takes its programs and its queue with it`(
    signal: Int32, status: Int32, moment: String
  ) throws {
    let demo = try start()
    #expect(eventually { self.running().count == 3 })
    #expect(eventually { demo.errors.contains(moment) })
    demo.kill(signal)
    let ended = demo.finish()
    #expect(ended.status == status && ended.out.isEmpty)
    #expect(ended.err.contains("larkspur: the demo was stopped;"))
    #expect(try leftBehind().isEmpty)
    #expect(running().isEmpty)
    try FileManager.default.removeItem(at: folder)
  }

  @Test func `killed, it leaves no programs running`() throws {
    let demo = try start("--quiet")
    #expect(eventually { self.running().count == 3 })
    demo.kill(SIGKILL)
    _ = demo.finish()
    #expect(eventually { self.running().isEmpty })
    try FileManager.default.removeItem(at: folder)
  }
}
