import Foundation
import Larkspur
import Programs
import Testing

/// The settings of a store app, its ticket, and what is done to a queue whose only account it is.
struct StoreApp {
  private let folder: URL
  var ticket: String { folder.appending(path: "acme.ticket").path }

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "larkspur-store-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// With the sandbox's first ticket: one that a test writes before would be replaced by it.
  func place(_ sandbox: String...) throws -> Place {
    let place = try Place(
      sandbox: ["--store-app", "cli_store:app-secret-7", "--ticket-file", ticket] + sandbox)
    try configure(place, host: place.environment["LARKSPUR_BASE_URL"] ?? "")
    try #require(eventually { FileManager.default.fileExists(atPath: ticket) }, "no ticket came")
    return place
  }

  func configure(_ place: Place, host: String) throws {
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

  func ask(_ place: Place, tenants: Range<Int>, _ token: String) throws {
    let intake = try Intake(queue: place.queue)
    try intake.db.transaction { () throws(StoreError) in
      for tenant in tenants {
        try intake.db.execute(
          "insert into ask (account, lane, body) values (?, ?, '{\"everyone\":true}')",
          .text("acme.k\(tenant)"), .text("\(token)-\(tenant)"))
      }
    }
  }

  func sql(_ script: String, _ place: Place) throws {
    try Connection(path: place.queue, mode: .readWrite).run(script: script)
  }

  func logins(_ place: Place) throws -> [String: Int] {
    try place.records().filter { !$0.isPreview }
      .reduce(into: [:]) {
        $0["\($1.path.split(separator: "/").last ?? "") \($1.status ?? 0)", default: 0] += 1
      }
  }

  func ticketCommand(
    _ place: Place, _ arguments: [String], input: String
  ) throws -> Programs.Finished {
    let words = ["'\(Programs.path("larkspur"))'", "ticket"] + arguments
    let variables = place.environment.map { "\($0)=\($1)" }.sorted()
    let shell = ["sh", "-c", "printf %s '\(input)' | \(words.joined(separator: " "))"]
    return try Programs.startOther("env", variables + shell).finish(within: 60)
  }
}
