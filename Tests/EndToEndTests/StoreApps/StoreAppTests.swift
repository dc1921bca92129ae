import Foundation
import Larkspur
import Programs
import Testing

/// A store app delivers for its tenants, with the real programs and the local Feishu.
struct StoreAppTests {
  private let app: StoreApp

  init() throws { app = try StoreApp() }

  @Test func `two hundred tenants get their previews with one ticket and one token of the app`()
    throws
  {
    let place = try app.place()
    try app.ask(place, tenants: 0..<200, "a")
    let run = try place.work("--until-empty")
    #expect(run.status == 0, "\(run.err)")
    #expect(try place.delivered() == 200)
    #expect(try app.logins(place) == ["app_access_token 200": 1, "tenant_access_token 200": 200])
    for file in ["queue.db", "queue.db-wal"] {
      let bytes = (try? Data(contentsOf: place.folder.appending(path: file))) ?? Data()
      let text = String(decoding: bytes, as: UTF8.self)
      let secret = try String(contentsOfFile: app.ticket, encoding: .utf8).split(separator: "\n")[0]
      #expect(!text.contains("app-secret-7") && !text.contains(secret))
    }
  }

  @Test func `a ticket that Feishu has replaced is asked for and comes`() throws {
    let place = try app.place("--resend-after", "1s")
    try "an old ticket".write(toFile: app.ticket, atomically: true, encoding: .utf8)
    try app.ask(place, tenants: 0..<5, "a")
    let worker = try place.startWork("--for", "30s")
    #expect(try eventually { try place.delivered() == 5 })
    worker.kill(SIGTERM)
    _ = worker.finish()
    let logins = try app.logins(place)
    #expect(logins["resend 200"] == 1)
    #expect(logins["tenant_access_token 200"] == 5)
  }

  @Test func `killed again and again while the tickets change, it loses nothing`() throws {
    let place = try app.place(
      "--ticket-every", "1s", "--resend-after", "200ms", "--absent-tenant", "gone")
    for round in 0..<6 {
      try app.ask(place, tenants: 0..<100, "r\(round)")
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
    let place = try app.place("--absent-tenant", "gone")
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

  @Test func `a tenant is forgotten with all that is stored about it, but not right after a call`()
    throws
  {
    let place = try app.place()
    let sighting = [
      "saw", "a-0", "--key", "secret-key", "--open-id", "ou_secret", "--account", "acme.k0",
    ]
    #expect(try Programs.run("larkspur", sighting, place.environment).status == 0)
    try app.ask(place, tenants: 0..<2, "a")
    _ = try place.work("--until-empty")
    let forget = ["forget", "--account", "acme.k0"]
    try app.sql(
      "insert into ask (account, lane, body) values ('acme.k0', 'b', '{\"everyone\":true}')", place)
    let early = try Programs.run("larkspur", forget, place.environment)
    #expect(early.status == 74 && early.err.contains("run this again in 1"), "\(early.err)")
    #expect(try place.number("select count(*) from ask where outcome is null") == 1)
    try app.sql("update call set started_ms = started_ms - 130000", place)
    let done = try Programs.run("larkspur", forget + ["--json"], place.environment)
    #expect(done.status == 0, "\(done.err)")
    #expect(
      done.out.contains(
        #"{"account":"acme.k0","asks":2,"cancelled":1,"calls":2,"previews":1,"keys":1,"viewers":1}"#
      ),
      "\(done.out)")
    _ = try place.work("--once")
    try app.sql("vacuum", place)
    for word in ["acme.k0", "secret-key", "ou_secret"] {
      let bytes = try Data(contentsOf: URL(filePath: place.queue))
      #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word)")
    }
    let again = try Programs.run("larkspur", forget, place.environment)
    #expect(again.status == 65 && again.err.contains("is not known"), "\(again.err)")
    #expect(try place.delivered() == 1)
  }
}
