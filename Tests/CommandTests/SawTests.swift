import Foundation
import Testing

/// `saw`, with the built program.
struct SawTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private static let two = #"""
    {"token":"A","key":"k","url":"https://x/1","chat":"oc_1","open_id":"ou_1"}
    {"token":"B","keys":["k","l"],"account":"shop"}

    """#

  @Test func `a preview is recorded with its keys, and the queue is created`() throws {
    let ended = try place.run(
      "saw", "A", "--key", "k", "--key", "l", "--url", "https://x/1", "--chat", "oc_1",
      "--open-id", "ou_1")
    #expect(ended == Ended(code: 0, output: "1 sighting\n", sentences: place.created))
    #expect(
      try place.number(
        """
        select count(*) from previews where token = 'A' and keys = 'k l' and url = 'https://x/1'
          and chat = 'oc_1' and audience = '1 person' and account = 'default'
        """) == 1)
    let json = try place.run("saw", "A", "--key", "k", "--account", "shop", "--json")
    #expect(
      json == Ended(code: 0, output: #"{"recorded":1,"skipped":0}"# + "\n", sentences: ""))
  }

  @Test func `a rule of the schema is told, and nothing is recorded`() throws {
    let ended = try place.run("saw", "A", "--key", "k", "--key", "a b")
    #expect(ended.code == 65 && ended.output == "")
    #expect(ended.sentences.hasPrefix("larkspur: the key contains a space, a line break or"))
    #expect(try place.number("select count(*) from keys") == 0)
  }

  @Test func `every line of a file is one, from a file or through a pipe`() throws {
    let file = try place.write(Self.two, to: "seen")
    #expect(try place.run("saw", "--from", file).output == "2 sightings\n")
    let json = try place.run("saw", "--from", "-", "--json", input: Self.two)
    #expect(json.output == #"{"recorded":2,"skipped":0}"# + "\n" && json.code == 0)
    #expect(try place.number("select count(*) from previews where account = 'shop'") == 1)
    #expect(try place.number("select count(*) from tag") == 3)
  }

  @Test func `drafts are skipped and counted`() throws {
    let input = Self.two + #"{"token":"","key":"k"}"#
    #expect(
      try place.run("saw", "--from", "-", input: input).output == "2 sightings, 1 draft skipped\n")
  }

  @Test func `more lines than one transaction takes are all recorded`() throws {
    let lines = (0..<3_000).map { #"{"token":"t\#($0)","key":"k\#($0 % 7)"}"# }
    let ended = try place.run("saw", "--from", "-", input: lines.joined(separator: "\n"))
    #expect(ended == Ended(code: 0, output: "3000 sightings\n", sentences: place.created))
    #expect(try place.number("select count(*) from previews") == 3_000)
  }

  @Test func `a wrong line keeps all others out, and says where it is and what to do`() throws {
    let ended = try place.run("saw", "--from", "-", input: Self.two + #"{"token":"C"}"#)
    #expect(ended.code == 65 && ended.output == "")
    #expect(
      ended.sentences.hasPrefix(
        "larkspur: line 3: it names no key; add \"key\", or find it in the URL with --key-from\n"))
    #expect(ended.sentences.contains("nothing was recorded: 1 of 3 lines in standard input cannot"))
    #expect(try place.number("select count(*) from previews") == 0)
  }

  @Test func `a key too many in the file keeps all lines out`() throws {
    let lines = (1...17).map { #"{"token":"A","key":"k\#($0)"}"# }
    let ended = try place.run("saw", "--from", "-", input: lines.joined(separator: "\n"))
    #expect(ended.code == 65)
    #expect(ended.sentences.hasPrefix("larkspur: line 17: this preview token has 16 keys already"))
    #expect(try place.number("select count(*) from previews") == 0)
  }

  @Test(arguments: [
    (#"/tickets/(\d+)"#, "1041"), (#"[a-z]+/\d+"#, "tickets/1041"), (#"(?:tickets)/(\w+)"#, "1041"),
    (#"\d+"#, "1041 7"), (#"(nothing)|tickets"#, "tickets"),
  ])
  func `keys are found in the URL`(pattern: String, keys: String) throws {
    let line = #"{"token":"A","url":"https://example.com/tickets/1041?build=7"}"#
    let ended = try place.run("saw", "--from", "-", "--key-from", pattern, input: line)
    #expect(ended.code == 0, "\(ended.sentences)")
    #expect(try place.number("select keys = '\(keys)' from previews") == 1)
  }

  @Test func `a file that cannot be read is missing`() throws {
    let ended = try place.run("saw", "--from", "nowhere")
    #expect(ended.code == 66)
    #expect(ended.sentences.contains("cannot read nowhere: no such file or directory"))
  }
}
