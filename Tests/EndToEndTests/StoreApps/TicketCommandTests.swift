import Foundation
import Larkspur
import Programs
import Testing

/// `larkspur ticket` stores the app ticket that a backend was given.
struct TicketCommandTests {
  private let app: StoreApp

  init() throws { app = try StoreApp() }

  @Test func `larkspur ticket stores what it is given, readable by its owner alone`() throws {
    let place = try Place(sandbox: nil)
    try app.configure(place, host: "http://127.0.0.1:1")
    let run = try app.ticketCommand(place, ["--app", "acme", "-", "--json"], input: "t-123\n")
    #expect(run.status == 0, "\(run.err)")
    #expect(run.out == #"{"app":"acme","app_ticket_file":"\#(app.ticket)"}"# + "\n")
    #expect(try String(contentsOfFile: app.ticket, encoding: .utf8) == "t-123\n")
    let mode = try FileManager.default.attributesOfItem(atPath: app.ticket)[.posixPermissions]
    #expect(mode as? Int == 0o600)
  }

  @Test(arguments: [
    (["--app", "acme", "t-123"], "t", 64, "standard input"),
    (["-"], "t", 64, "--app is missing"),
    (["--app", "other", "-"], "t", 78, "give one of: acme"),
    (["--app", "acme", "-"], "", 65, "holds no ticket"),
    (["--app", "acme", "-"], "two words", 65, "is not a ticket"),
    (["--app", "acme", "-"], #"{"app_ticket":"t-123"}"#, 65, "the member \"app_ticket\""),
    (["--app", "acme", "-"], #""t-123""#, 65, "the member \"app_ticket\""),
  ])
  func `larkspur ticket says what is wrong, and stores nothing`(
    arguments: [String], input: String, code: Int, words: String
  ) throws {
    let place = try Place(sandbox: nil)
    try app.configure(place, host: "http://127.0.0.1:1")
    let run = try app.ticketCommand(place, arguments, input: input)
    #expect(run.status == Int32(code))
    #expect(run.err.contains(words), "\(run.err)")
    #expect(!FileManager.default.fileExists(atPath: app.ticket))
  }

  @Test func `a ticket that comes late, or through a socket, is waited for`() throws {
    let place = try Place(sandbox: nil)
    try app.configure(place, host: "http://127.0.0.1:1")
    let command = "'\(Programs.path("larkspur"))' ticket --app acme -"
    let variables = place.environment.map { "\($0)=\($1)" }.sorted()
    let late = try Programs.startOther(
      "env", variables + ["sh", "-c", "(sleep 1; printf t-1) | \(command)"]
    ).finish(within: 60)
    #expect(late.status == 0, "\(late.err)")
    #expect(try String(contentsOfFile: app.ticket, encoding: .utf8) == "t-1\n")
    let socket = try Programs.startOther(
      "env",
      variables + [
        "python3", "-c",
        """
        import socket, subprocess, sys
        ours, theirs = socket.socketpair()
        ours.sendall(b"t-2")
        ours.close()
        sys.exit(subprocess.run(["sh", "-c", sys.argv[1]], stdin=theirs).returncode)
        """, command,
      ]
    ).finish(within: 60)
    #expect(socket.status == 0, "\(socket.err)")
    #expect(try String(contentsOfFile: app.ticket, encoding: .utf8) == "t-2\n")
  }

  @Test func `a ticket replaces nothing but a regular file`() throws {
    let place = try Place(sandbox: nil)
    try app.configure(place, host: "http://127.0.0.1:1")
    try #require(mkfifo(app.ticket, 0o600) == 0)
    let run = try app.ticketCommand(place, ["--app", "acme", "-"], input: "t-123")
    #expect(run.status == 78 && run.err.contains("is not a regular file"), "\(run.err)")
    var facts = stat()
    #expect(stat(app.ticket, &facts) == 0 && facts.st_mode & S_IFMT == S_IFIFO)
  }
}
