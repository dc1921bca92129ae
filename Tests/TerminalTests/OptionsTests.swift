import Testing

@testable import Terminal

struct OptionsTests {
  let known = [
    Option("--help"), Option("--db", .one), Option("--open-id", .many), Option("--wait", .optional),
  ]

  @Test func `values stand after their option or behind an equals sign`() throws {
    let options = try Options(["a", "--db", "x", "--open-id=1", "--open-id", "2"], knowing: known)
    #expect(options.operands == ["a"])
    #expect(options.one("--db") == "x")
    #expect(options.many("--open-id") == ["1", "2"])
  }

  @Test func `an optional value is taken only when it looks like a duration`() throws {
    #expect(try Options(["--wait", "10s"], knowing: known).one("--wait") == "10s")
    let bare = try Options(["--wait", "TOKEN"], knowing: known)
    #expect(bare.has("--wait") && bare.one("--wait") == nil && bare.operands == ["TOKEN"])
  }

  @Test func `an unknown option is answered with the nearest right one`() {
    #expect(throws: Failure(.usage, "unknown option --opn-id; did you mean --open-id?")) {
      try Options(["--opn-id", "x"], knowing: known)
    }
  }

  @Test func `the beginning of one option suggests it, and a short word nothing far away`() {
    #expect(throws: Failure(.usage, "unknown option --ope; did you mean --open-id?")) {
      try Options(["--ope", "x"], knowing: known)
    }
    #expect(throws: Failure(.usage, "unknown option --e; see --help")) {
      try Options(["--e"], knowing: known)
    }
  }

  @Test func `a value that is not taken is named in a way that is safe to show`() {
    #expect(throws: Failure(.usage, #"--help takes no value, but was given '\u{1b}[31m'"#)) {
      try Options(["--help=\u{1b}[31m"], knowing: known)
    }
  }

  @Test(arguments: [["--open-id"], ["--open-id", "--help"], ["--open-id", "--"]])
  func `an option is never the value of another`(words: [String]) {
    #expect(throws: Failure(.usage, "--open-id needs a value")) {
      try Options(words, knowing: known)
    }
  }

  @Test func `two dashes end the options`() throws {
    #expect(try Options(["--", "--db"], knowing: known).operands == ["--db"])
  }

  @Test(arguments: [("500ms", 500), ("10s", 10_000), ("5m", 300_000), ("7d", 604_800_000)])
  func `durations carry their unit`(text: String, milliseconds: Int) throws {
    #expect(try parseDuration(text) == milliseconds)
  }

  @Test(arguments: ["", "10", "s", "-5s", "1.5s", "99999999999999999999s", "9999999999999d"])
  func `anything else is not a duration`(text: String) {
    #expect(throws: Failure.self) { try parseDuration(text) }
  }

  @Test func `terminal escapes are shown and not obeyed`() {
    #expect(printable("a\u{1b}[31mb\u{202e}") == "a\\u{1b}[31mb\\u{202e}")
  }

  @Test(arguments: [
    ("plain", "plain"), ("飞书🎈 é", "飞书🎈 é"), ("\u{7f}\u{9b}2J", #"\u007f\u009b2J"#),
    ("a\u{202e}b\u{2028}", #"a\u202eb\u2028"#), ("\u{e0041}", #"\udb40\udc41"#),
  ])
  func `in JSON they are written so that it means the same`(text: String, shown: String) {
    #expect(printableJSON("{\"a\":\"\(text)\"}") == "{\"a\":\"\(shown)\"}")
  }
}
