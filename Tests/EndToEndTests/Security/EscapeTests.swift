import Foundation
import Larkspur
import Programs
import Testing

/// Text from outside that would move a terminal's cursor, colour it, name its window or reverse its
/// lines. It is shown and has no effect.
@Suite struct EscapeTests {
  /// Escape sequences of both generations, a bell, all kinds of line ends, and bidirectional
  /// controls.
  private static let hostile =
    "no\u{1b}]0;owned\u{7}\u{1b}[31m\u{9b}2J\u{202e}drow\u{2066}\u{200f}\u{2028}\u{7f}\u{85}\r\n"
    + "larkspur: all is well\u{e0041}"

  private func expectHarmless(
    _ text: String, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let harmful = text.unicodeScalars.filter { scalar in
      switch scalar.properties.generalCategory {
      case .control: scalar != "\n"
      case .format, .lineSeparator, .paragraphSeparator: true
      default: false
      }
    }
    #expect(
      harmful.isEmpty, "\(what): \(harmful.map { String($0.value, radix: 16) })",
      sourceLocation: sourceLocation)
    // A line end would let the text pose as a message of Larkspur's.
    #expect(
      !text.split(separator: "\n").contains { $0.hasPrefix("larkspur: all is well") }, "\(what)",
      sourceLocation: sourceLocation)
  }

  private func expectObjects(
    _ text: String, saying: String, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    expectHarmless(text, what, sourceLocation: sourceLocation)
    for line in text.split(separator: "\n") where line.hasPrefix("{") {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
      if Self.strings(in: object).contains(where: { $0.contains(saying) }) { return }
    }
    Issue.record("\(what) does not say it as it was: \(text)", sourceLocation: sourceLocation)
  }

  private static func strings(in value: Any) -> [String] {
    switch value {
    case let text as String: [text]
    case let list as [Any]: list.flatMap(strings)
    case let object as [String: Any]: object.values.flatMap(strings)
    default: []
    }
  }

  private static func quoted(_ text: String) -> String {
    let data = (try? JSONEncoder().encode(text)) ?? Data()
    return String(decoding: data, as: UTF8.self)
  }

  /// A queue whose Feishu answers with hostile text wherever it can.
  private func place(code: Int, status: Int = 400) throws -> (place: Place, host: Stranger) {
    let body = #"{"code":\#(code),"msg":\#(Self.quoted(Self.hostile))}"#
    let host = try Stranger(afterLogin: { _ in
      Stranger.json(
        body, status: status, headers: ["X-Tt-Logid: \u{1b}[31mlog\u{9b}2J\u{202e}"])
    })
    let place = try Place(sandbox: nil)
    place.set("LARKSPUR_BASE_URL", host.address)
    return (place, host)
  }

  private func look(_ place: Place, _ words: String...) throws -> Programs.Finished {
    let run = try Programs.run("larkspur", words, place.environment)
    expectHarmless(run.out + run.err, words.joined(separator: " "))
    return run
  }

  @Test(arguments: ["text", "json"])
  func `why something died is shown by the worker, the list and whoever waits`(log: String) throws {
    let (place, host) = try place(code: 230_001)
    defer { withExtendedLifetime(host) {} }
    let waiting = try Programs.start(
      "larkspur", ["enqueue", "preview", "a", "--everyone", "--wait"], place.environment)
    #expect(eventually { (try? place.number("select count(*) from ask")) == 1 })
    let work = try place.work("--until-empty", "--log", log)
    #expect(work.status == 1)
    expectHarmless(work.err, "the worker")
    if log == "json" { try expectObjects(work.err, saying: #"\u{9b}2J\u{202e}drow"#, "the worker") }
    let waited = waiting.finish()
    #expect(waited.status == 1 && waited.err.contains("is dead: "))
    expectHarmless(waited.err, "who waits")
    #expect(try look(place, "list", "--state", "dead").out.contains("\\u{9b}2J\\u{202e}drow"))
    let list = try look(place, "list", "--state", "dead", "--json")
    try expectObjects(list.out, saying: #"\u{9b}2J\u{202e}drow"#, "the list")
  }

  @Test func `why an account stands still is shown by the worker and the status`() throws {
    let (place, host) = try place(code: 99_991_672)
    defer { withExtendedLifetime(host) {} }
    try place.ask([.preview("a", for: .everyone)])
    for _ in 0..<2 {
      let work = try place.work("--until-empty")
      #expect(work.status == 77 && work.err.contains("\\u{1b}"), "\(work.err)")
      expectHarmless(work.err, "the worker")
    }
    #expect(try look(place, "status").out.contains("\\u{9b}2J\\u{202e}drow"))
    try expectObjects(try look(place, "status", "--json").out, saying: #"\u{9b}2J"#, "the status")
    _ = try look(place, "enqueue", "preview", "b", "--everyone", "--wait", "1s")
  }

  @Test func `what Feishu says a session is, is listed and not obeyed`() throws {
    let session = #"{"session":{"id":"session_1","metadata":\#(Self.quoted(Self.hostile))}}"#
    let host = try Stranger(afterLogin: { _ in
      Stranger.json(#"{"code":0,"msg":"success","data":\#(session)}"#)
    })
    let place = try Place(sandbox: nil)
    place.set("LARKSPUR_BASE_URL", host.address)
    try place.ask([.session("session_1", metadata: "{}")])
    #expect(try place.work("--until-empty").status == 0)
    _ = try look(place, "list", "--state", "idle")
    let list = try look(place, "list", "--state", "idle", "--json")
    #expect(list.out.split(separator: "\n").count == 1)
    try expectObjects(list.out, saying: "\u{9b}2J\u{202e}drow", "the list")
  }

  @Test(arguments: ["text", "json"])
  func `an account's name that no rule has seen whole is shown`(log: String) throws {
    let place = try Place()
    // SQLite's pattern check of a name stops at a zero byte, and up to schema 2 there was no other
    // check.
    try place.ask([.preview("a", for: .everyone)])
    try Connection(path: place.queue, mode: .readWrite).run(
      script: """
        drop trigger ask_is_well_formed;
        insert into ask (account, lane, body)
        values ('x' || char(0, 27) || '[31m' || char(155, 8238), 'b', '{"everyone":true}')
        """)
    let run = try place.work("--until-empty", "--log", log)
    #expect(run.status == 1 && run.err.contains("[31m"), "\(run.err)")
    expectHarmless(run.err, "the worker")
    _ = try look(place, "list")
    _ = try look(place, "list", "--json")
    _ = try look(place, "status")
    _ = try look(place, "resume", "nobody")
  }

  @Test func `the words of a command line and the names of files are shown`() throws {
    let place = try Place(sandbox: nil)
    let word = "a\u{1b}[31m\u{9b}2J\u{202e}"
    let file = place.folder.appending(path: word).path
    for words in [
      ["enqueue", "preview", word, "--everyone"], ["enqueue", "preview", "a", "--open-id", word],
      ["enqueue", "preview", "--from", file], ["enqueue", "card", "c", "--actions", file],
      ["enqueue", "session", word, "--metadata", ""], ["enqueue", word], [word], ["--\(word)"],
      ["list", "--db", file], ["list", "--db", place.folder.path + "/" + word + "/q.db"],
      ["list", "--state", word], ["list", "--limit", word], ["list", "--json=\(word)"],
      ["list", "--account", word], ["status", "--account", word], ["cancel", word],
      ["retry", word], ["resume", word], ["prune", "--older-than", word],
      ["doctor", word], ["doctor", "--report", file + "/r"], ["doctor", "--config", file],
      ["doctor", "--account", word],
    ] {
      let run = try Programs.run("larkspur", words, place.environment)
      #expect(run.err.hasPrefix("larkspur: "), "\(words)")
      expectHarmless(run.out + run.err, "\(words)")
    }
    for words in [
      ["--once", "--config", file], ["--once", "--db", file + "/q.db"], ["--log", word],
      ["--for", word], [word],
      ["--once=\(word)"],
    ] {
      let run = try Programs.run("larkspur-work", words, place.environment)
      #expect(run.status != 0 && run.err.hasPrefix("larkspur: "), "\(words)")
      expectHarmless(run.out + run.err, "larkspur-work \(words)")
    }
    place.set("LARKSPUR_APP_SECRET_FILE", file)
    try place.ask([.preview("a", for: .everyone)])
    let run = try place.work("--once")
    #expect(run.status == 77 && run.err.contains("cannot read secret file"))
    expectHarmless(run.err, "the worker")
    for words in [
      ["--latency", word], ["--record", file + "/r"], ["--app", word], ["--\(word)"],
    ] {
      let run = try Programs.run("larkspur-sandbox", words)
      #expect(run.status != 0)
      expectHarmless(run.out + run.err, "larkspur-sandbox \(words)")
    }
  }

  @Test func `the sandbox's record and page show what was sent, and turn nothing around`() throws {
    let place = try Place(sandbox: ["--user-token", "u-1"])
    let body = #"{"preview_tokens":[\#(Self.quoted(Self.hostile))]}"#
    let path = "/open-apis/im/v2/url_previews/batch_update"
    for (method, target, body, more) in [
      ("POST", path, body, ""), ("GET", "/a\u{1b}[31m\u{9b}2J\u{202e}", "", ""),
      (
        "PUT", "/open-apis/aily/v1/sessions/%1B%C2%9B%E2%80%AE", "{}",
        "Authorization: Bearer u-1\r\n"
      ),
      ("GET", "/", "", ""), ("POST", path, body, "User-Agent: a\u{1b}[31m\u{9b}2J\u{202e}\r\n"),
    ] {
      let connection = try RawConnection(to: place.port)
      connection.send(
        "\(method) \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(more)"
          + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
      #expect(connection.answer().hasPrefix("HTTP/1.1 "))
    }
    let record = try String(contentsOf: place.record, encoding: .utf8)
    try expectObjects(record, saying: "\u{9b}2J\u{202e}drow", "the record")
    #expect(try place.records().count >= 3)
    let connection = try RawConnection(to: place.port)
    connection.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    var page = ""
    while true {
      let more = connection.answer()
      if more.isEmpty { break }
      page += more
    }
    #expect(page.contains("\\u{202e}"))
    expectHarmless(page.replacingOccurrences(of: "\r\n", with: "\n"), "the page")
  }
}
