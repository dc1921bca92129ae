import Foundation
import Programs
import Testing

/// Secrets that a server, a proxy's address or a library repeats must not be in anything that is
/// written.
@Suite struct RepeatedSecretTests {
  private static let secret = #"canary"of\the/secret é"#
  private static let userToken = "u-canary-of-a-person"

  /// Everything that a run leaves: its output, and every byte of the queue's files.
  private func expectNothing(
    of secrets: [String], in said: String, _ place: Place,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var texts = ["said": said]
    for name in try FileManager.default.contentsOfDirectory(atPath: place.folder.path)
    where name.hasPrefix("queue.db") {
      let bytes = try Data(contentsOf: place.folder.appending(path: name))
      texts[name] = String(decoding: bytes, as: UTF8.self)
    }
    for words in [["status", "--json"], ["list", "--json"], ["list", "--state", "dead"]] {
      let look = try Programs.run("larkspur", words, place.environment)
      texts[words.joined(separator: " ")] = look.out + look.err
    }
    for (name, text) in texts {
      for secret in secrets {
        #expect(!text.contains(secret), "\(secret) in \(name)", sourceLocation: sourceLocation)
      }
    }
    #expect(texts.keys.contains("queue.db"))
  }

  /// A worker whose files are read while it runs, because `queue.db-wal` is gone afterwards.
  private func whileWorking(
    _ place: Place, log: String, until sql: String, _ secrets: [String]
  ) throws -> Programs.Finished {
    let worker = try place.startWork("--log", log)
    #expect(eventually { (try? place.number(sql)) ?? 0 > 0 })
    #expect(FileManager.default.fileExists(atPath: place.queue + "-wal"))
    try expectNothing(of: secrets, in: worker.output + worker.errors, place)
    worker.kill(SIGTERM)
    let end = worker.finish()
    try expectNothing(of: secrets, in: end.out + end.err, place)
    return end
  }

  @Test(arguments: [
    "http://mallory:me#lon@127.0.0.1:1", "http://mallory:me/lon@127.0.0.1:1",
    "http://mallory:me?lon@127.0.0.1:1", "http://mallory:me@lon@127.0.0.1:1",
    "http://mallory:me:lon@127.0.0.1:1", "http://mallory:me%23lon@127.0.0.1:99999",
    "http://mallory:12/me#lon@127.0.0.1:1", "http://mallory:me lon@127.0.0.1:1",
    "mallory:me#lon@127.0.0.1:1", "mallory:melon@127.0.0.1:x",
    "socks5://mallory:me#lon@127.0.0.1:1",
    "ftp://mallory:melon@127.0.0.1:1", "http:/mallory:melon@127.0.0.1:1",
    "http://melon/x@127.0.0.1:1", "http://mallory:me\\lon@127.0.0.1:1",
    "ftp://mallory:melon\(String(repeating: "x", count: 300))@127.0.0.1:1",
  ])
  func `the password in a proxy's address is nowhere`(proxy: String) throws {
    for name in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
      let place = try Place(sandbox: nil)
      place.set("LARKSPUR_BASE_URL", "https://feishu.invalid")
      place.set(name, proxy)
      try place.ask([.preview("a", for: .everyone)])
      let run = try place.work("--once", "--json", "--log", "json")
      #expect(run.status == 69, "\(run.err)")
      #expect(try place.number("select count(*) from call where message is not null") > 0)
      try expectNothing(
        of: ["melon", "me#", "#lon", "me/", "me?", "@lon", "me%23"], in: run.out + run.err, place)
    }
  }

  @Test(arguments: ["text", "json"])
  func `a password that libcurl quotes is not written down`(log: String) throws {
    let place = try Place(sandbox: nil)
    place.set("LARKSPUR_BASE_URL", "https://feishu.invalid")
    place.set("https_proxy", "ftp://mallory:me%6con@127.0.0.1:1")
    try place.ask([.preview("a", for: .everyone)])
    let end = try whileWorking(
      place, log: log, until: "select count(*) from call where message is not null",
      ["me%6con", "melon", "mallory"])
    #expect(end.err.contains("ftp://[redacted]@127.0.0.1:1"), "\(end.err)")
  }

  /// The forms that a secret may take when it is repeated.
  private static func spellings(_ secret: String) -> [String] {
    let json = (try? JSONEncoder().encode(secret)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let percent = secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    let units = secret.utf16.map { unit in
      let digits = String(unit, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()
    return [secret, json, percent, percent.lowercased(), units, "Bearer \(secret)"]
  }

  private static func quoted(_ text: String) -> String {
    (try? JSONEncoder().encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  @Test(arguments: 0..<6)
  func `a server that repeats what it was sent is not quoted`(spelling: Int) throws {
    let all = [Self.secret, Stranger.accessToken, Self.userToken].map {
      Self.spellings($0)[spelling]
    }
    let said = Self.quoted(all.joined(separator: " and "))
    let host = try Stranger { request in
      if request.hasPrefix("POST /open-apis/auth/") {
        return Stranger.json(
          #"{"code":0,"msg":\#(said),"tenant_access_token":"\#(Stranger.accessToken)","expire":7200}"#
        )
      }
      if request.contains("aily") {
        let session = #"{"id":"session_1","metadata":\#(said)}"#
        return Stranger.json(#"{"code":0,"msg":"ok","data":{"session":\#(session)}}"#)
      }
      let logID = "X-Tt-Logid: \(Stranger.accessToken)"
      return Stranger.json(#"{"code":230001,"msg":\#(said)}"#, status: 400, headers: [logID])
    }
    let place = try Place(sandbox: nil)
    place.set("LARKSPUR_BASE_URL", host.address)
    place.set("LARKSPUR_APP_SECRET", Self.secret)
    let file = place.folder.appending(path: "person")
    try Data(Self.userToken.utf8).write(to: file)
    place.set("LARKSPUR_USER_ACCESS_TOKEN_FILE", file.path)
    try place.ask([.preview("a", for: .everyone), .session("session_1", metadata: "{}")])
    let end = try whileWorking(
      place, log: spelling % 2 == 0 ? "text" : "json",
      until: """
        select (select count(*) from ask where outcome = 'dead')
          * (select count(*) from ask where outcome = 'delivered')
        """, ["canary"])
    #expect(end.err.ranges(of: "[redacted]").count >= 3, "\(end.err)")
  }

  @Test func `a secret at the end of what is kept of a message is not kept in half`() throws {
    let host = try Stranger(afterLogin: { _ in
      let message = String(repeating: "x", count: 285) + " " + Stranger.accessToken
      return Stranger.json(#"{"code":230001,"msg":"\#(message)"}"#, status: 400)
    })
    let place = try Place(sandbox: nil)
    place.set("LARKSPUR_BASE_URL", host.address)
    try place.ask([.preview("a", for: .everyone)])
    let run = try place.work("--once")
    #expect(run.status == 1)
    try expectNothing(of: ["t-canary"], in: run.out + run.err, place)
  }

  @Test func `what a server says is stored without control characters`() throws {
    let hostile = "no\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}drow\u{2066}\u{2028}\u{7f}\u{0}\r\n"
    let body = #"{"code":230001,"msg":\#(Self.quoted(hostile)),"log_id":\#(Self.quoted(hostile))}"#
    let session = #"{"session":{"id":"s","metadata":\#(Self.quoted(hostile))}}"#
    let host = try Stranger(afterLogin: { request in
      request.contains("aily")
        ? Stranger.json(#"{"code":0,"msg":"ok","data":\#(session)}"#)
        : Stranger.json(body, status: 400)
    })
    let place = try Place(sandbox: nil)
    place.set("LARKSPUR_BASE_URL", host.address)
    try place.ask([.preview("a", for: .everyone), .session("session_1", metadata: "{}")])
    #expect(try place.work("--once").status == 1)
    for view in ["dead", "idle", "recent_calls", "call", "lane"] {
      let shown = try Programs.startOther(
        "sqlite3", ["-ascii", place.queue, "select * from \(view)"]
      ).finish()
      #expect(shown.status == 0 && !shown.out.isEmpty, "\(view): \(shown.err)")
      let harmful = shown.out.unicodeScalars.filter { scalar in
        // The separators of columns and rows.
        if scalar == "\u{1e}" || scalar == "\u{1f}" { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
      }
      #expect(harmful.isEmpty, "\(view): \(harmful)")
    }
  }
}
