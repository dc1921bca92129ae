import Programs
import Testing

/// Asks by key and URL with the real programs.
@Suite(.serialized) struct KeyTests {
  private func run(_ place: Place, _ words: String...) throws -> Programs.Finished {
    try Programs.run("larkspur", words, place.environment)
  }

  private func saw(_ place: Place, _ tokens: String..., key: String) throws {
    for token in tokens {
      let url = "https://tickets.example/\(key)"
      let saw = try run(place, "saw", token, "--key", key, "--url", url, "--open-id", "ou_\(token)")
      #expect(saw.status == 0, "\(saw.err)")
    }
  }

  private func tokens(_ place: Place) throws -> Set<String> {
    Set(try place.previews().flatMap { $0.preview_tokens ?? [] })
  }

  @Test func `explain knows a key that nobody has seen once it was asked for`() throws {
    let place = try Place()
    #expect(try run(place, "enqueue", "key", "nobody", "--everyone").status == 0)
    #expect(try run(place, "work", "--once").status == 0)
    let told = try run(place, "explain", "nobody")
    #expect(
      told.status == 0
        && told.out.hasPrefix("key nobody (account default): nothing pending; delivered at "),
      "\(told.out)\(told.err)")
    let other = try run(place, "explain", "nobod")
    #expect(other.status == 65 && other.err.contains("did you mean 'nobody'?"), "\(other.err)")
  }

  @Test func `explain says how an ask by key ended, by its key and by its number`() throws {
    let place = try Place()
    try saw(place, "w1", "w2", key: "ticket-1")
    #expect(try run(place, "enqueue", "key", "ticket-1", "--everyone").status == 0)
    #expect(try run(place, "enqueue", "key", "nobody", "--everyone").status == 0)
    #expect(try run(place, "work", "--until-empty").status == 0)
    for (word, key) in [("ticket-1", "ticket-1"), ("1", "ticket-1"), ("2", "nobody")] {
      let told = try run(place, "explain", word)
      let begin = "key \(key) (account default): nothing pending; delivered at "
      #expect(told.status == 0 && told.out.hasPrefix(begin), "\(told.out)\(told.err)")
    }
    let unseen = try run(place, "explain", "2", "--json").out
    #expect(unseen.contains(#""reason":"no preview was seen with this key""#), "\(unseen)")
    let seen = try run(place, "explain", "ticket-1", "--json").out
    #expect(seen.contains(#""state":"delivered""#), "\(seen)")
    #expect(!seen.contains(#""ended_at":null"#) && seen.contains(#""blockers":[]"#), "\(seen)")
  }

  @Test func `the number of an ask shows how that one ended`() throws {
    let place = try Place()
    try saw(place, "w1", key: "ticket-1")
    #expect(try run(place, "enqueue", "key", "ticket-1", "--everyone").status == 0)
    #expect(try run(place, "cancel", "ticket-1").status == 0)
    #expect(try run(place, "enqueue", "key", "ticket-1", "--everyone").status == 0)
    #expect(try run(place, "work", "--until-empty").status == 0)
    #expect(try run(place, "explain", "1").out.contains("cancelled at "))
    #expect(try run(place, "explain", "2").out.contains("nothing pending; delivered at "))
    #expect(try run(place, "explain", "ticket-1").out.contains("nothing pending; delivered at "))
  }

  @Test func `a change that is told by key refreshes what shows it, and nothing else`() throws {
    let place = try Place()
    try saw(place, "w1", "w2", "w3", key: "ticket-1")
    try saw(place, "w4", key: "ticket-2")
    let ask = try run(place, "enqueue", "key", "ticket-1", "--everyone")
    #expect(ask.status == 0 && ask.out == "1\n", "\(ask.err)")
    let explained = try run(place, "explain", "ticket-1")
    #expect(explained.out.hasPrefix("key ticket-1 (account default): new;"), "\(explained.out)")
    #expect(try run(place, "work", "--once").status == 0)
    #expect(try tokens(place) == ["w1", "w2", "w3"])
    let byURL = try run(place, "enqueue", "url", "https://tickets.example/ticket-2", "--viewers")
    #expect(byURL.status == 0, "\(byURL.err)")
    #expect(try run(place, "work", "--once").status == 0)
    #expect(try tokens(place).contains("w4"))
  }

  @Test func `what was refused is named, and only that is tried again`() throws {
    let place = try Place()
    try saw(place, "w1", "bad_token", key: "ticket-1")
    #expect(try run(place, "enqueue", "key", "ticket-1", "--everyone").status == 0)
    #expect(try run(place, "work", "--until-empty").status == 1)
    let explained = try run(place, "explain", "ticket-1")
    #expect(explained.out.contains("dead at"), "\(explained.out)")
    #expect(explained.out.contains("not refreshed: bad_token; 230001"), "\(explained.out)")
    let before = try place.previews().count
    #expect(try run(place, "retry", "ticket-1").status == 0)
    #expect(try run(place, "work", "--until-empty").status == 1)
    let again = try place.previews().dropFirst(before)
    #expect(!again.isEmpty && again.allSatisfy { $0.preview_tokens == ["bad_token"] })
  }

  @Test func `cancelling a key cancels the refresh of its previews`() throws {
    let place = try Place()
    try saw(place, "w1", "w2", key: "ticket-1")
    #expect(try run(place, "enqueue", "key", "ticket-1", "--everyone", "--after", "1s").status == 0)
    #expect(try run(place, "cancel", "ticket-1").status == 0)
    #expect(try run(place, "work", "--once").status == 0)
    #expect(try place.previews().isEmpty)
  }

  @Test func `an order that names nobody, or both, is refused with what to say`() throws {
    let place = try Place(sandbox: nil)
    let nobody = try run(place, "enqueue", "key", "ticket-1")
    #expect(nobody.status == 64 && nobody.err.contains("add --everyone"), "\(nobody.err)")
    let both = try run(place, "enqueue", "key", "ticket-1", "--everyone", "--viewers")
    #expect(both.status == 64 && both.err.contains("either --everyone or --viewers"))
    let people = try run(place, "enqueue", "key", "ticket-1", "--open-id", "ou_1")
    #expect(people.status == 64 && people.err.contains("a key takes --everyone, --viewers"))
  }
}
