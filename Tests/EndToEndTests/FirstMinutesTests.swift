import Foundation
import Larkspur
import Programs
import Testing

/// What a new user sees: the real programs as they are first tried.
@Suite(.serialized) struct FirstMinutesTests {
  @Test func `without a command it says how to get help`() throws {
    let run = try Programs.run("larkspur", [])
    #expect(run.status == 64 && run.out == "")
    #expect(run.err == "larkspur: no command given; run 'larkspur help' for usage\n")
  }

  /// Our own text is printed unchanged. The escaping for text from outside would turn each of its
  /// line breaks into an escape sequence.
  @Test(arguments: [
    ("larkspur", ""), ("larkspur", "--help"), ("larkspur", "help"), ("larkspur", "stauts"),
    ("larkspur", "enqueue"), ("larkspur", "enqueue --help"), ("larkspur", "enqueue card"),
    ("larkspur", "enqueue card --help"), ("larkspur", "enqueue session --help"),
    ("larkspur", "enqueue preview"), ("larkspur", "enqueue preview a"),
    ("larkspur", "enqueue preview --from /nonexistent"), ("larkspur", "enqueue card 1 --actions ["),
    ("larkspur", "enqueue session s"), ("larkspur", "status --help"), ("larkspur", "status"),
    ("larkspur", "list --state x"), ("larkspur", "list --help"), ("larkspur", "doctor"),
    ("larkspur", "doctor --help"), ("larkspur", "doctor x"), ("larkspur", "doctor --online x"),
    ("larkspur-work", "doctor --help"), ("larkspur-work", "--check"), ("larkspur", "retry"),
    ("larkspur", "retry --help"), ("larkspur", "cancel"), ("larkspur", "cancel --help"),
    ("larkspur", "resume"), ("larkspur", "resume --help"), ("larkspur", "prune"),
    ("larkspur", "prune --help"), ("larkspur", "demo x"), ("larkspur", "demo --help"),
    ("larkspur", "help work"), ("larkspur", "help sandbox"), ("larkspur", "--nonsense"),
    ("larkspur", "man --help"), ("larkspur", "man"), ("larkspur", "man nothing"),
    ("larkspur", "completions --help"), ("larkspur", "completions fish"),
    ("larkspur", "completions"),
    ("larkspur-work", "--help"), ("larkspur-work", "x"), ("larkspur-work", "--nonsense"),
    ("larkspur-work", "--once --until-empty"), ("larkspur-work", "--once"),
    ("larkspur-work", "--once --config /nonexistent"), ("larkspur-work", "--db"),
    ("larkspur-sandbox", "--help"), ("larkspur-sandbox", "--nonsense"),
    ("larkspur-sandbox", "--port x"), ("larkspur-sandbox", "x"),
    ("larkspur-sandbox", "--callback x"), ("larkspur-sandbox", "--client-cache 60"),
    ("larkspur-shared", "--help"), ("larkspur-shared", "x"), ("larkspur-shared", "--version"),
  ])
  func `no help and no sentence has an escaped line break`(program: String, line: String) throws {
    let folder = FileManager.default.temporaryDirectory.path
    let run = try Programs.run(
      program, line.split(separator: " ").map(String.init),
      ["LARKSPUR_DB": "\(folder)/no-queue-\(UUID())/queue.db", "HOME": folder])
    #expect(run.status != 0 || !run.out.isEmpty)
    #expect(!(run.out + run.err).contains("\\u{"), "\(run.out)\(run.err)")
    #expect(run.err.split(separator: "\n").allSatisfy { $0.hasPrefix("larkspur") }, "\(run.err)")
  }

  private func place() throws -> Place {
    let place = try Place()
    place.set("LARKSPUR_APP_SECRET", "")
    place.set("LARKSPUR_APP_SECRET_FILE", secretFile(of: place).path)
    return place
  }

  private func secretFile(of place: Place) -> URL { place.folder.appending(path: "secret") }

  private static let ends = [["--once"], ["--until-empty"], ["--for", "1s"]]

  @Test(arguments: ends, [false, true])
  func `a missing secret is said at once and gives 77, also when nothing is due`(
    end: [String], isQuiet: Bool
  ) throws {
    let place = try place()
    let run = try Programs.run(
      "larkspur-work", end + (isQuiet ? ["--quiet"] : []), place.environment)
    #expect(run.status == 77, "\(run.err)")
    #expect(
      run.err == """
        larkspur: account 'default' cannot sign in: cannot read secret file \
        \(secretFile(of: place).path): no such file or directory (set by LARKSPUR_APP_SECRET_FILE); \
        its asks wait until this is fixed ('larkspur resume' is not needed)

        """)
    #expect(try place.records().isEmpty)
  }

  @Test func `so does an empty one, and one that is a folder`() throws {
    let place = try place()
    try Data().write(to: secretFile(of: place))
    let empty = try place.work("--once")
    #expect(
      empty.status == 77 && empty.err.contains("secret file \(secretFile(of: place).path) is empty")
    )
    place.set("LARKSPUR_APP_SECRET_FILE", place.folder.path)
    let folder = try place.work("--once")
    #expect(folder.status == 77 && folder.err.contains("is a directory"), "\(folder.err)")
  }

  @Test func `a worker that stays goes on by itself once the secret is there`() throws {
    let place = try place()
    try place.ask([.preview("a", for: .everyone)])
    let worker = try place.startWork()
    #expect(eventually { worker.errors.contains("cannot read secret file") })
    let status = try Programs.run("larkspur", ["status"], place.environment)
    #expect(status.out.contains("paused until"), "\(status.out)")
    #expect(status.out.contains("waiting for a secret: cannot read secret file"))
    let list = try Programs.run("larkspur", ["list"], place.environment)
    #expect(list.out.contains("waiting for a secret: cannot read secret file"), "\(list.out)")
    try Data("sandbox\n".utf8).write(to: secretFile(of: place))
    #expect(eventually(within: 60) { (try? place.delivered()) == 1 })
    #expect(worker.errors.contains("the secrets of account 'default' can be read again"))
    worker.kill(SIGTERM)
    #expect(worker.finish().status == 0)
  }

  @Test func `one account without its secret does not hold up the others`() throws {
    let place = try Place()
    let config = place.folder.appending(path: "config.json")
    try Data(
      """
      {"accounts": {"shop": {"app_id": "cli_2", "app_secret_file": "/nonexistent/shop",
        "host": "\(place.environment["LARKSPUR_BASE_URL"] ?? "")"}}}
      """.utf8
    ).write(to: config)
    try place.ask([
      .preview("a", for: .everyone), .preview("b", for: .everyone, account: "shop"),
    ])
    let run = try place.work("--until-empty", "--config", config.path)
    #expect(run.status == 77)
    #expect(run.err.contains("account 'shop' cannot sign in"))
    #expect(run.err.contains("(set by app_secret_file)"))
    #expect(try place.delivered() == 1)
    #expect(try place.number("select count(*) from ask where outcome is null") == 1)
  }

  @Test func `a missing user access token gives 77, and previews are delivered`() throws {
    let place = try Place()
    place.set("LARKSPUR_USER_ACCESS_TOKEN_FILE", "/nonexistent/token")
    try place.ask([.preview("a", for: .everyone)])
    let run = try place.work("--until-empty")
    #expect(run.status == 77)
    #expect(
      run.err.contains("session calls of account 'default' wait: cannot read user access token"))
    #expect(try place.delivered() == 1)
  }

  @Test func `a secret from a pipe is enough for a run, also from a writer who takes a while`()
    throws
  {
    let place = try Place()
    place.set("LARKSPUR_APP_SECRET", "")
    try place.ask([.preview("a", for: .everyone)])
    let run = try Programs.run(
      "/bin/sh",
      [
        "-c",
        #"{ sleep 0.5; echo sandbox; } | LARKSPUR_APP_SECRET_FILE=/dev/stdin "$0" --once"#,
        Programs.path("larkspur-work"),
      ], place.environment)
    #expect(run.status == 0, "\(run.err)")
    #expect(try place.delivered() == 1)
  }

  /// The final text on the terminal, without what was overwritten.
  private func lines(of session: OwnSession) -> [String] {
    session.read().replacing("\u{1b}[K", with: "").split(whereSeparator: \.isNewline)
      .map(String.init)
  }

  @Test func `the progress on a terminal says what is still waited for`() throws {
    let place = try Place()
    try place.ask([
      .preview("a", for: .everyone), .preview("b", for: .everyone, after: .seconds(4)),
    ])
    let worker = try OwnSession(
      .own, Programs.path("larkspur-work"), ["--until-empty"], place.environment)
    #expect(
      eventually(within: 20) {
        lines(of: worker).contains { $0.hasPrefix("1 done, 1 delayed, next in ") }
      })
    let status = try Programs.run("larkspur", ["status"], place.environment)
    #expect(status.out.contains("asks     0 new, 1 delayed"), "\(status.out)")
    let list = try Programs.run("larkspur", ["list", "--state", "delayed"], place.environment)
    #expect(list.out.split(separator: "\n").count == 2, "\(list.out)")
    #expect(worker.end() == 0)
    #expect(lines(of: worker).last?.hasPrefix("larkspur: 2 done with 2 calls in ") == true)
  }

  @Test func `a run that leaves what is delayed says how much`() throws {
    let place = try Place()
    try place.ask([
      .preview("a", for: .everyone), .preview("b", for: .everyone, after: .seconds(600)),
    ])
    let run = try place.work("--once", "--json")
    #expect(
      run.out == """
        {"calls":1,"lanes_done":1,"lanes_left":0,"asks_died":0,"asks_delayed":1}

        """)
  }
}
