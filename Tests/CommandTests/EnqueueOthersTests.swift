import Foundation
import Larkspur
import Testing

/// `enqueue card`, with the built program.
struct EnqueueCardTests {
  let place: Workplace
  static let action = #"{"action":"delete_elements","params":{"element_ids":["票"]}}"#

  init() throws { place = try Workplace() }

  @Test(arguments: ["[\(action)]", "\u{feff}[\n  \(action)\r\n]\n"])
  func `the batch comes from a file, standard input or a pipe`(batch: String) throws {
    let file = try place.write(batch, to: "batch")
    #expect(try place.run("enqueue", "card", "1", "--actions", file).output == "1\n")
    #expect(try place.run("enqueue", "card", "1", "--actions", "-", input: batch).output == "2\n")
    let piped = try place.shell(#"cat batch | "$0" --db "$1" enqueue card 1 --actions -"#)
    #expect(piped == Ended(code: 0, output: "3\n", sentences: ""))
    #expect(
      try place.number(
        """
        select count(*) from ask
        where kind = 'card' and lane = '1' and body = '{"actions":[\(Self.action)]}'
        """) == 3)
  }

  @Test func `its own uuid and sequence are kept`() throws {
    let ended = try place.run(
      "enqueue", "card", "1", "--actions", "-", "--uuid", "u", "--sequence", "5", "--json",
      input: "[\(Self.action)]")
    #expect(ended.output == #"{"ask":1,"account":"default","kind":"card","lane":"1"}"# + "\n")
    #expect(
      try place.number(
        """
        select count(*) from ask where body ->> '$.uuid' = 'u' and body ->> '$.sequence' = 5
        """) == 1)
  }

  static let files: [(String, String)] = [
    ("", "is empty; it must hold the JSON list of actions: [{"), (" \n", "is empty;"),
    ("[", "is not JSON;"), ("[]\0", "is not JSON;"), ("actions", "is not JSON;"),
    (#"{"actions":[]}"#, "is a JSON object, not a list;"),
    (#""[]""#, "is a JSON string, not a list;"), ("7", "is not a JSON list;"),
  ]

  @Test(arguments: files)
  func `a file without a list says what is expected, and leaves no queue`(
    text: String, sentence: String
  ) throws {
    let ended = try place.run("enqueue", "card", "1", "--actions", "-", input: text)
    #expect(ended.code == 65 && ended.output == "")
    #expect(ended.sentences.contains("standard input \(sentence)"), "\(ended.sentences)")
    #expect(!FileManager.default.fileExists(atPath: place.queue))
  }

  @Test func `a file that is missing or not text is said`() throws {
    #expect(try place.run("enqueue", "card", "1", "--actions", "nowhere").code == 66)
    let bytes = try place.write([0x5B, 0xFF, 0x5D], to: "bytes")
    let ended = try place.run("enqueue", "card", "1", "--actions", bytes)
    #expect(ended.code == 65 && ended.sentences.contains("bytes is not UTF-8;"))
  }

  @Test func `a wrong action is named by its index`() throws {
    let ended = try place.run(
      "enqueue", "card", "1", "--actions", "-", input: #"[\#(Self.action),{"action":"x"}]"#)
    #expect(
      ended
        == Ended(
          code: 65, output: "",
          sentences: "larkspur: action 1: it is not {\"action\":…,\"params\":{…}}\n"))
  }

  @Test func `a million characters get in, by themselves and in a line`() throws {
    let start =
      #"[{"action":"update_element","params":{"element_id":"a","element":{"tag":"t","content":""#
    let batch = { (length: Int) in
      start + String(repeating: "😀", count: length - start.count - 5) + #""}}}]"#
    }
    let file = try place.write(batch(1_000_000), to: "batch")
    #expect(try place.run("enqueue", "card", "1", "--actions", file).code == 0)
    let line = try place.write(#"{"card":"1","actions":\#(batch(1_000_000))}"#, to: "line")
    #expect(try place.run("enqueue", "card", "--from", line).output == "1 ask\n")
    let long = try place.write(batch(1_000_001), to: "long")
    let ended = try place.run("enqueue", "card", "1", "--actions", long)
    #expect(ended.code == 65 && ended.sentences.contains("longer than 1,000,000 characters"))
  }

  @Test func `many come from a file, and what is wrong has its line`() throws {
    let good = #"{"card":"1","actions":[\#(Self.action)],"uuid":"u","sequence":5}"#
    let bad = #"{"card":"1","actions":[{"action":"x","params":{}}]}"#
    let ended = try place.run("enqueue", "card", "--from", "-", input: "\(good)\n\(bad)\n")
    #expect(ended.code == 65)
    #expect(ended.sentences.hasPrefix("larkspur: line 2: action 0: there is no such action;"))
    #expect(try place.number("select count(*) from ask") == 0)
    #expect(try place.run("enqueue", "card", "--from", "-", input: good).output == "1 ask\n")
  }

  @Test(arguments: [
    (["--expires-in", "5s", "--after", "5s"], "--expires-in must be larger than --after"),
    (["--expires-in", "0s"], "--expires-in must be more than 0 and at most ten years"),
  ])
  func `what is wrong with a span is said of its option`(words: [String], sentence: String) throws {
    let one = try place.start(
      ["--db", place.queue, "enqueue", "card", "1", "--actions", "-"] + words,
      input: "[\(Self.action)]"
    ).wait()
    #expect(one.code == 65 && one.sentences.hasSuffix("\(sentence)\n"), "\(one.sentences)")
    let many = try place.start(
      ["--db", place.queue, "enqueue", "card", "--from", "-"] + words, input: ""
    ).wait()
    #expect(many.code == 65 && many.sentences.hasSuffix("\(sentence)\n"), "\(many.sentences)")
  }

  @Test func `it waits for a card as for anything else`() throws {
    let file = try place.write("[\(Self.action)]", to: "batch")
    let running = try place.start([
      "--db", place.queue, "enqueue", "card", "c7", "--actions", file, "--wait", "--quiet",
    ])
    #expect(running.firstLine() == "1")
    try place.asWorker("update ask set outcome = 'dead', reason = '300317', ended_ms = 1")
    let ended = try running.wait()
    #expect(ended.code == 1)
    #expect(
      ended.sentences
        == "larkspur: ask 1 for c7 is dead: 300317; to requeue it, run 'larkspur retry c7'\n")
  }
}

/// `enqueue session`, with the built program.
struct EnqueueSessionTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  @Test func `fields are kept as they were given, also empty ones`() throws {
    let ended = try place.run(
      "enqueue", "session", "session_1", "--channel-context", "", "--metadata", #"{"票":1}"#)
    #expect(ended == Ended(code: 0, output: "1\n", sentences: place.created))
    #expect(
      try place.number(
        """
        select count(*) from ask where kind = 'session' and lane = 'session_1'
          and body = '{"channel_context":"","metadata":"{\\"票\\":1}"}'
        """) == 1)
  }

  @Test func `what the schema refuses is bad input`() throws {
    let id = try place.run("enqueue", "session", "s1", "--metadata", "x")
    #expect(id.code == 65 && id.sentences.hasPrefix("larkspur: a session id is session_ and 1 to"))
    let long = try place.run(
      "enqueue", "session", "session_1", "--metadata", String(repeating: "票", count: 256))
    #expect(long.code == 65 && long.sentences.contains("have at most 255 characters\n"))
  }

  @Test func `many come from a file, and what is wrong has its line`() throws {
    let good = #"{"session":"session_1","channel_context":"","metadata":"x"}"#
    let ended = try place.run(
      "enqueue", "session", "--from", "-", input: "\(good)\n{\"session\":\"session_2\"}\n")
    #expect(ended.code == 65)
    #expect(ended.sentences.hasPrefix("larkspur: line 2: nothing to write: give channel_context"))
    #expect(try place.run("enqueue", "session", "--from", "-", input: good).output == "1 ask\n")
  }

  @Test func `who waits is told why its calls stand still`() throws {
    _ = try place.run("enqueue", "session", "session_1", "--metadata", "x")
    try place.asWorker(
      """
      insert into budget (account_id, api, paused_ms, paused_why)
        select 1, 'session', now_ms + 900000, 'the user access token is refused' from clock
      """)
    let words = ["--metadata", "x", "--wait", "1ms"]
    let session = try place.start(
      ["--db", place.queue, "enqueue", "session", "session_1"] + words
    ).wait()
    #expect(session.code == 75)
    #expect(session.sentences.contains("session calls of account 'default' are paused for 1"))
    #expect(session.sentences.contains(": the user access token is refused\n"))
    let preview = try place.run("enqueue", "preview", "A", "--everyone", "--wait", "1ms")
    #expect(!preview.sentences.contains("pause"))
  }
}
