import Foundation
import Larkspur
import Programs
import Testing

/// Store apps, with the real programs and the local Feishu.
struct StoreAppTests {
  private let folder: URL
  private var ticket: String { folder.appending(path: "acme.ticket").path }

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "larkspur-store-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func place(_ sandbox: String...) throws -> Place {
    let place = try Place(
      sandbox: ["--store-app", "cli_store:app-secret-7", "--ticket-file", ticket] + sandbox)
    try configure(place, host: place.environment["LARKSPUR_BASE_URL"] ?? "")
    return place
  }

  private func configure(_ place: Place, host: String) throws {
    let config = folder.appending(path: "config.json")
    try """
    {"apps":{"acme":{"host":"\(host)","app_id":"cli_store","app_secret_env":"ACME_SECRET",\
    "app_ticket_file":"\(ticket)"}}}
    """.write(to: config, atomically: true, encoding: .utf8)
    place.set("LARKSPUR_CONFIG", config.path)
    place.set("ACME_SECRET", "app-secret-7")
    for variable in ["LARKSPUR_APP_ID", "LARKSPUR_APP_SECRET", "LARKSPUR_BASE_URL"] {
      place.set(variable, "")
    }
  }

  private func ask(_ place: Place, tenants: Range<Int>, _ token: String) throws {
    let intake = try Intake(queue: place.queue)
    try intake.db.transaction { () throws(StoreError) in
      for tenant in tenants {
        try intake.db.execute(
          "insert into ask (account, lane, body) values (?, ?, '{\"everyone\":true}')",
          .text("acme.k\(tenant)"), .text("\(token)-\(tenant)"))
      }
    }
  }

  private func sql(_ script: String, _ place: Place) throws {
    try Connection(path: place.queue, mode: .readWrite).run(script: script)
  }

  private func logins(_ place: Place) throws -> [String: Int] {
    try place.records().filter { !$0.isPreview }
      .reduce(into: [:]) {
        $0["\($1.path.split(separator: "/").last ?? "") \($1.status ?? 0)", default: 0] += 1
      }
  }

  private func ticketCommand(
    _ place: Place, _ arguments: [String], input: String
  ) throws -> Programs.Finished {
    let words = ["'\(Programs.path("larkspur"))'", "ticket"] + arguments
    let variables = place.environment.map { "\($0)=\($1)" }.sorted()
    let shell = ["sh", "-c", "printf %s '\(input)' | \(words.joined(separator: " "))"]
    return try Programs.startOther("env", variables + shell).finish(within: 60)
  }

  @Test func `two hundred tenants get their previews with one ticket and one token of the app`()
    throws
  {
    let place = try place()
    try ask(place, tenants: 0..<200, "a")
    let run = try place.work("--until-empty")
    #expect(run.status == 0, "\(run.err)")
    #expect(try place.delivered() == 200)
    #expect(try logins(place) == ["app_access_token 200": 1, "tenant_access_token 200": 200])
    for file in ["queue.db", "queue.db-wal"] {
      let bytes = (try? Data(contentsOf: place.folder.appending(path: file))) ?? Data()
      let text = String(decoding: bytes, as: UTF8.self)
      let secret = try String(contentsOfFile: ticket, encoding: .utf8).split(separator: "\n")[0]
      #expect(!text.contains("app-secret-7") && !text.contains(secret))
    }
  }

  @Test func `a ticket that Feishu has replaced is asked for and comes`() throws {
    let place = try place("--resend-after", "1s")
    try "an old ticket".write(toFile: ticket, atomically: true, encoding: .utf8)
    try ask(place, tenants: 0..<5, "a")
    let worker = try place.startWork("--for", "30s")
    #expect(try eventually { try place.delivered() == 5 })
    worker.kill(SIGTERM)
    _ = worker.finish()
    let logins = try logins(place)
    #expect(logins["resend 200"] == 1)
    #expect(logins["tenant_access_token 200"] == 5)
  }

  @Test func `killed again and again while the tickets change, it loses nothing`() throws {
    let place = try place(
      "--ticket-every", "1s", "--resend-after", "200ms", "--absent-tenant", "gone")
    for round in 0..<6 {
      try ask(place, tenants: 0..<100, "r\(round)")
      let worker = try place.startWork("--for", "60s")
      let wanted = round * 100 + 30
      #expect(try eventually { try place.delivered() >= wanted })
      worker.kill(SIGKILL)
      _ = worker.finish()
    }
    let run = try place.work("--until-empty")
    #expect(run.status == 0, "\(run.err)")
    #expect(try place.delivered() == 600)
    let previews = try place.previews()
    // The local Feishu holds each tenant's calls against the limits.
    #expect(previews.allSatisfy { $0.status == 200 || $0.status == nil })
  }

  @Test func `a tenant without the app is parked alone, and resumed when it is back`() throws {
    let place = try place("--absent-tenant", "gone")
    for account in ["acme.gone1", "acme.here"] {
      let run = try Programs.run(
        "larkspur", ["enqueue", "preview", "a", "--everyone", "--account", account],
        place.environment)
      #expect(run.status == 0, "\(run.err)")
    }
    let run = try place.work("--until-empty")
    #expect(run.status == 77, "\(run.err)")
    #expect(run.err.contains("acme.gone1"))
    #expect(try place.delivered() == 1)
    let status = try Programs.run("larkspur", ["status"], place.environment)
    #expect(status.out.contains("acme.gone1") && status.out.contains("parked"), "\(status.out)")
    let doctor = try Programs.run("larkspur", ["doctor"], place.environment)
    for told in [run.err, status.out, doctor.out] {
      #expect(
        told.contains("tenant has to install the app")
          && told.contains("larkspur forget --account acme.gone1"), "\(told)")
    }
  }

  @Test func `larkspur ticket stores what it is given, readable by its owner alone`() throws {
    let place = try Place(sandbox: nil)
    try configure(place, host: "http://127.0.0.1:1")
    let run = try ticketCommand(place, ["--app", "acme", "-", "--json"], input: "t-123\n")
    #expect(run.status == 0, "\(run.err)")
    #expect(run.out == #"{"app":"acme","app_ticket_file":"\#(ticket)"}"# + "\n")
    #expect(try String(contentsOfFile: ticket, encoding: .utf8) == "t-123\n")
    let mode = try FileManager.default.attributesOfItem(atPath: ticket)[.posixPermissions]
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
    try configure(place, host: "http://127.0.0.1:1")
    let run = try ticketCommand(place, arguments, input: input)
    #expect(run.status == Int32(code))
    #expect(run.err.contains(words), "\(run.err)")
    #expect(!FileManager.default.fileExists(atPath: ticket))
  }

  @Test func `a ticket that comes late, or through a socket, is waited for`() throws {
    let place = try Place(sandbox: nil)
    try configure(place, host: "http://127.0.0.1:1")
    let command = "'\(Programs.path("larkspur"))' ticket --app acme -"
    let variables = place.environment.map { "\($0)=\($1)" }.sorted()
    let late = try Programs.startOther(
      "env", variables + ["sh", "-c", "(sleep 1; printf t-1) | \(command)"]
    ).finish(within: 60)
    #expect(late.status == 0, "\(late.err)")
    #expect(try String(contentsOfFile: ticket, encoding: .utf8) == "t-1\n")
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
    #expect(try String(contentsOfFile: ticket, encoding: .utf8) == "t-2\n")
  }

  @Test func `a ticket replaces nothing but a regular file`() throws {
    let place = try Place(sandbox: nil)
    try configure(place, host: "http://127.0.0.1:1")
    try #require(mkfifo(ticket, 0o600) == 0)
    let run = try ticketCommand(place, ["--app", "acme", "-"], input: "t-123")
    #expect(run.status == 78 && run.err.contains("is not a regular file"), "\(run.err)")
    var facts = stat()
    #expect(stat(ticket, &facts) == 0 && facts.st_mode & S_IFMT == S_IFIFO)
  }

  @Test(arguments: ["", nil])
  func `a ticket that is empty or missing is no ticket, for every command`(content: String?) throws
  {
    let place = try place("--resend-after", "1h")
    #expect(eventually { FileManager.default.fileExists(atPath: ticket) })
    try FileManager.default.removeItem(atPath: ticket)
    try content?.write(toFile: ticket, atomically: true, encoding: .utf8)
    try ask(place, tenants: 0..<1, "a")
    #expect(try place.work("--once").status == 77)
    let status = try Programs.run("larkspur", ["status"], place.environment)
    #expect(!status.out.contains("app ticket of"), "\(status.out)")
    let check = try Programs.run("larkspur-work", ["--check", "--json"], place.environment)
    #expect(
      check.status == 77 && check.out.contains(#""app_ticket_readable":false"#), "\(check.out)")
  }

  @Test func `doctor tries the ticket`() throws {
    let place = try place()
    let good = try Programs.run("larkspur", ["doctor", "--online"], place.environment)
    #expect(good.out.contains("Feishu gave an access token"), "\(good.out)\(good.err)")
    try "an old ticket".write(toFile: ticket, atomically: true, encoding: .utf8)
    let bad = try Programs.run("larkspur", ["doctor", "--online"], place.environment)
    #expect(bad.out.contains("the app ticket was refused"), "\(bad.out)\(bad.err)")
    #expect(!bad.out.contains("an old ticket"))
  }

  @Test func `without a ticket everything says why its tenants wait`() throws {
    let place = try place("--resend-after", "1h")
    try "an old ticket".write(toFile: ticket, atomically: true, encoding: .utf8)
    try ask(place, tenants: 0..<2, "a")
    _ = try place.work("--once")
    let why = "app 'acme' cannot sign in: the app ticket was refused"
    for words in [["list"], ["status"], ["explain", "a-0"]] {
      let told = try Programs.run("larkspur", words, place.environment)
      #expect(told.out.contains(why), "\(words): \(told.out)")
      #expect(!told.out.contains("secret"), "\(words): \(told.out)")
    }
    #expect(
      try place.number(
        """
        select count(*) from queue where state = 'paused' and because = 'credentials'
          and next = 'once app acme can sign in'
        """) == 2)
    let refused = try Programs.run("larkspur", ["doctor"], place.environment)
    #expect(
      refused.status == 77
        && refused.out.contains("Feishu has refused the app ticket in file \(ticket)")
        && refused.out.contains("larkspur ticket --app acme -"), "\(refused.out)")
    let waits = try Programs.run("larkspur", ["explain", "a-0"], place.environment)
    #expect(
      waits.out.contains("goes once its account can sign in and a worker runs"), "\(waits.out)")
    try FileManager.default.removeItem(atPath: ticket)
    let run = try place.work("--once")
    #expect(run.status == 77)
    #expect(
      run.err.contains("cannot read app ticket file \(ticket): no such file")
        && run.err.contains("(set by app_ticket_file)"), "\(run.err)")
    let doctor = try Programs.run("larkspur", ["doctor"], place.environment)
    #expect(doctor.out.contains("larkspur ticket --app acme -"), "\(doctor.out)")
    #expect(!doctor.out.contains("cancel"), "\(doctor.out)")
  }

  @Test func `tenants of a parked app wait for its resume`() throws {
    let place = try place()
    place.set("ACME_SECRET", "another secret")
    try ask(place, tenants: 0..<1, "a")
    #expect(try place.work("--once").status == 77)
    let list = try Programs.run("larkspur", ["list"], place.environment)
    #expect(list.out.contains("after: larkspur resume acme "), "\(list.out)")
    let told = try Programs.run("larkspur", ["explain", "a-0"], place.environment)
    #expect(told.out.contains("app 'acme' is parked: "), "\(told.out)")
  }

  @Test func `a tenant without a key is not configured`() throws {
    let place = try place()
    try ask(place, tenants: 0..<1, "a")
    _ = try place.work("--until-empty")
    let run = try Programs.run(
      "larkspur", ["enqueue", "preview", "a", "--everyone", "--account", "acme."],
      place.environment)
    #expect(run.err.contains("is not in the worker's configuration"), "\(run.err)")
  }

  @Test func `many tenants in the same state share a line of the status`() throws {
    let place = try place("--absent-tenant", "k3")
    try ask(place, tenants: 0..<40, "a")
    let plan = try Programs.run("larkspur", ["forecast"], place.environment)
    #expect(
      plan.err.contains(
        "accounts that no worker has seen yet are left out: acme.k0, acme.k1, acme.k2 and more")
        || plan.err.contains("and more"), "\(plan.err)")
    _ = try place.work("--until-empty")
    let status = try Programs.run("larkspur", ["status"], place.environment)
    #expect(status.out.contains("acme.*: 29 tenants open; "), "\(status.out)")
    #expect(status.out.contains("acme.*: 11 tenants parked; "), "\(status.out)")
    #expect(status.out.split(separator: "\n").count < 25, "\(status.out)")
  }

  @Test func `status and metrics say how old the ticket is`() throws {
    let place = try place()
    try ask(place, tenants: 0..<1, "a")
    let old = Date(timeIntervalSinceNow: -3 * 3_600)
    try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: ticket)
    _ = try place.work("--until-empty")
    let status = try Programs.run("larkspur", ["status"], place.environment)
    #expect(
      status.out.contains("app ticket of 3 h ago; Feishu pushes one every hour"), "\(status.out)")
    let metrics = try Programs.run("larkspur", ["metrics"], place.environment)
    let line = metrics.out.split(separator: "\n").first {
      $0.hasPrefix("larkspur_app_ticket_timestamp_seconds{account=\"acme\"}")
    }
    let seconds = line?.split(separator: " ").last.flatMap { Double($0) } ?? 0
    #expect(abs(seconds - old.timeIntervalSince1970) < 5, "\(metrics.out)")
  }

  @Test func `a tenant is forgotten with all that is stored about it, but not right after a call`()
    throws
  {
    let place = try place()
    let sighting = [
      "saw", "a-0", "--key", "secret-key", "--open-id", "ou_secret", "--account", "acme.k0",
    ]
    #expect(try Programs.run("larkspur", sighting, place.environment).status == 0)
    try ask(place, tenants: 0..<2, "a")
    _ = try place.work("--until-empty")
    let forget = ["forget", "--account", "acme.k0"]
    try sql(
      "insert into ask (account, lane, body) values ('acme.k0', 'b', '{\"everyone\":true}')", place)
    let early = try Programs.run("larkspur", forget, place.environment)
    #expect(early.status == 74 && early.err.contains("run this again in 1"), "\(early.err)")
    #expect(try place.number("select count(*) from ask where outcome is null") == 1)
    try sql("update call set started_ms = started_ms - 130000", place)
    let done = try Programs.run("larkspur", forget + ["--json"], place.environment)
    #expect(done.status == 0, "\(done.err)")
    #expect(
      done.out.contains(
        #"{"account":"acme.k0","asks":2,"cancelled":1,"calls":2,"previews":1,"keys":1,"viewers":1}"#
      ),
      "\(done.out)")
    _ = try place.work("--once")
    try sql("vacuum", place)
    for word in ["acme.k0", "secret-key", "ou_secret"] {
      let bytes = try Data(contentsOf: URL(filePath: place.queue))
      #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word)")
    }
    let again = try Programs.run("larkspur", forget, place.environment)
    #expect(again.status == 65 && again.err.contains("is not known"), "\(again.err)")
    #expect(try place.delivered() == 1)
  }
}
