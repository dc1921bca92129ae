import Foundation
import Larkspur
import Programs
import Testing

/// Names that look like SQL are only names.
@Suite struct StatementTests {
  private static let names = [
    "');drop/**/table/**/ask;--", "'or'1'='1", "\";delete/**/from/**/lane;--", "a'||char(0)||'",
    "%_*?[a-z]", "x';pragma/**/user_version=9;--",
  ]

  @Test func `a token or an open_id that is SQL is asked for, delivered, and changes nothing else`()
    throws
  {
    let place = try Place()
    for name in Self.names {
      let run = try Programs.run(
        "larkspur",
        ["enqueue", "preview", name, "--open-id", "ou_" + name.replacing(/[,;]/, with: "")],
        place.environment)
      #expect(run.status == 0, "\(run.err)")
    }
    #expect(try place.work("--until-empty").status == 0)
    let sent = try place.previews().filter { $0.verdict == "ok" }.flatMap {
      $0.preview_tokens ?? []
    }
    #expect(sent.sorted() == Self.names.sorted())
    #expect(try place.delivered() == Self.names.count)
  }

  @Test func `a name that is SQL selects itself alone`() throws {
    let place = try Place(sandbox: nil)
    try place.ask((Self.names + ["kept"]).map { .preview($0, for: .everyone) })
    func run(_ words: String...) throws -> Int32 {
      try Programs.run("larkspur", words, place.environment).status
    }
    for name in Self.names {
      #expect(try run("retry", name) == 65)
      #expect(try run("resume", name) == 65)
      #expect(try run("status", "--account", name) != 0)
      #expect(try run("enqueue", "preview", "b", "--everyone", "--account", name) == 65)
      let list = try Programs.run("larkspur", ["list", "--account", name], place.environment)
      #expect(list.out.isEmpty)
      #expect(try run("cancel", name) == 0)
    }
    #expect(try place.number("select count(*) from queue") == 1)
    #expect(try place.number("select count(*) from queue where lane = 'kept'") == 1)
    #expect(
      try place.number("select count(*) from ask where outcome = 'cancelled'") == Self.names.count)
  }
}
