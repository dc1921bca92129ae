import Foundation
import Larkspur
import Programs
import Testing

/// What the commands say of a store app, its ticket and its tenants.
struct StoreAppWordsTests {
  private let app: StoreApp

  init() throws { app = try StoreApp() }

  @Test(arguments: ["", nil])
  func `a ticket that is empty or missing is no ticket, for every command`(content: String?) throws
  {
    let place = try app.place("--resend-after", "1h")
    try FileManager.default.removeItem(atPath: app.ticket)
    try content?.write(toFile: app.ticket, atomically: true, encoding: .utf8)
    try app.ask(place, tenants: 0..<1, "a")
    #expect(try place.work("--once").status == 77)
    let status = try Programs.run("larkspur", ["status"], place.environment)
    #expect(!status.out.contains("app ticket of"), "\(status.out)")
    let check = try Programs.run("larkspur-work", ["--check", "--json"], place.environment)
    #expect(
      check.status == 77 && check.out.contains(#""app_ticket_readable":false"#), "\(check.out)")
  }

  @Test func `doctor tries the ticket`() throws {
    let place = try app.place()
    let good = try Programs.run("larkspur", ["doctor", "--online"], place.environment)
    #expect(good.out.contains("Feishu gave an access token"), "\(good.out)\(good.err)")
    try "an old ticket".write(toFile: app.ticket, atomically: true, encoding: .utf8)
    let bad = try Programs.run("larkspur", ["doctor", "--online"], place.environment)
    #expect(bad.out.contains("the app ticket was refused"), "\(bad.out)\(bad.err)")
    #expect(!bad.out.contains("an old ticket"))
  }

  @Test func `without a ticket everything says why its tenants wait`() throws {
    let place = try app.place("--resend-after", "1h")
    try "an old ticket".write(toFile: app.ticket, atomically: true, encoding: .utf8)
    try app.ask(place, tenants: 0..<2, "a")
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
        && refused.out.contains("Feishu has refused the app ticket in file \(app.ticket)")
        && refused.out.contains("larkspur ticket --app acme -"), "\(refused.out)")
    let waits = try Programs.run("larkspur", ["explain", "a-0"], place.environment)
    #expect(
      waits.out.contains("goes once its account can sign in and a worker runs"), "\(waits.out)")
    try FileManager.default.removeItem(atPath: app.ticket)
    let run = try place.work("--once")
    #expect(run.status == 77)
    #expect(
      run.err.contains("cannot read app ticket file \(app.ticket): no such file")
        && run.err.contains("(set by app_ticket_file)"), "\(run.err)")
    let doctor = try Programs.run("larkspur", ["doctor"], place.environment)
    #expect(doctor.out.contains("larkspur ticket --app acme -"), "\(doctor.out)")
    #expect(!doctor.out.contains("cancel"), "\(doctor.out)")
  }

  @Test func `tenants of a parked app wait for its resume`() throws {
    let place = try app.place()
    place.set("ACME_SECRET", "another secret")
    try app.ask(place, tenants: 0..<1, "a")
    #expect(try place.work("--once").status == 77)
    let list = try Programs.run("larkspur", ["list"], place.environment)
    #expect(list.out.contains("after: larkspur resume acme "), "\(list.out)")
    let told = try Programs.run("larkspur", ["explain", "a-0"], place.environment)
    #expect(told.out.contains("app 'acme' is parked: "), "\(told.out)")
  }

  @Test func `a tenant without a key is not configured`() throws {
    let place = try app.place()
    try app.ask(place, tenants: 0..<1, "a")
    _ = try place.work("--until-empty")
    let run = try Programs.run(
      "larkspur", ["enqueue", "preview", "a", "--everyone", "--account", "acme."],
      place.environment)
    #expect(run.err.contains("is not in the worker's configuration"), "\(run.err)")
  }

  @Test func `many tenants in the same state share a line of the status`() throws {
    let place = try app.place("--absent-tenant", "k3")
    try app.ask(place, tenants: 0..<40, "a")
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
    let place = try app.place()
    try app.ask(place, tenants: 0..<1, "a")
    let old = Date(timeIntervalSinceNow: -3 * 3_600)
    try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: app.ticket)
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
}
