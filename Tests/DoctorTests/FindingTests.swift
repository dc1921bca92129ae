import Terminal
import Testing

@testable import Doctor

struct FindingTests {
  private let fine = Finding.fine(.worker, "a worker is running")
  private let warning = Finding.warn(.fileMode, "others may read it", fix: "chmod 600 q.db")
  private let unknown = Finding.unknown(.configuration, "no account is configured here")

  private func wrong(_ code: FindingCode) -> Finding { .wrong(code, "it is wrong", fix: "do it") }

  @Test func `the grade comes first, and what to do last`() {
    #expect(fine.line == "fine     worker: a worker is running")
    #expect(warning.line == "warn     queue: others may read it; chmod 600 q.db")
    #expect(unknown.line == "unknown  configuration: no account is configured here")
  }

  @Test func `control characters are shown and change nothing`() {
    let finding = Finding.wrong(.secret, "a\u{1b}[31m\u{202e}b", fix: "c\nd")
    for text in [finding.line, finding.json] {
      #expect(!text.contains("\u{1b}") && !text.contains("\u{202e}") && !text.contains("\n"))
    }
  }

  @Test func `as JSON each has the same five members`() {
    #expect(
      warning.json == """
        {"area":"queue","code":"file_mode","grade":"warn","summary":"others may read it",\
        "fix":"chmod 600 q.db"}
        """)
    #expect(fine.json.hasSuffix(#","fix":null}"#))
  }

  @Test func `what the rest depends on decides the exit code`() {
    func code(_ findings: Finding..., isStrict: Bool = false) -> ExitCode {
      findings.exitCode(isStrict: isStrict)
    }
    #expect(code() == .done)
    #expect(code(fine, unknown) == .done)
    #expect(code(fine, unknown, isStrict: true) == .done)
    #expect(code(fine, warning) == .done)
    #expect(code(fine, warning, isStrict: true) == .dead)
    #expect(code(warning, wrong(.worker), isStrict: true) == .timeIsUp)
    #expect(code(wrong(.worker), wrong(.connection)) == .unreachable)
    #expect(code(wrong(.connection), wrong(.secret)) == .noPermission)
    #expect(code(wrong(.secret), wrong(.configuration)) == .configuration)
    #expect(code(wrong(.configuration), wrong(.integrity), wrong(.secret)) == .databaseNotUsable)
  }

  @Test func `the last sentence counts the findings, the worst first`() {
    #expect(
      [fine, warning, fine, wrong(.secret), unknown].tally
        == "1 wrong, 1 warning, 1 unknown, 2 fine")
    #expect([fine].tally == "1 fine")
  }

  @Test func `the words of codes and areas stay as they are`() {
    #expect(
      FindingCode.allCases.map(\.rawValue) == [
        "queue_file", "names", "folder", "file_system", "owner", "file_mode", "lock_file",
        "side_files", "database", "schema", "integrity", "log_size", "disk_space", "inodes",
        "worker", "worker_version", "stuck", "boot_id", "wall_clock", "queue_clock",
        "configuration", "account", "secret", "secret_mode", "ticket_age", "limits", "reload",
        "unconfigured_account", "account_parked", "inotify", "inotify_limits", "file_size_limit",
        "proxy", "connection", "host", "access_token", "scope", "server_clock",
      ])
    #expect(
      Area.allCases.map(\.rawValue) == [
        "queue", "worker", "clock", "configuration", "machine", "online",
      ])
    #expect(Finding.Grade.allCases.map(\.rawValue) == ["fine", "warn", "wrong", "unknown"])
  }
}
