import Foundation
import Larkspur
import Scraping
import Testing

/// `larkspur metrics`, with the built program.
struct MetricsTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private func scrape() throws -> Scrape {
    let ended = try place.run("metrics")
    #expect(ended.code == 0 && ended.sentences == "", "\(ended.sentences)")
    return try Scrape(ended.output)
  }

  /// Lanes in the state in which a worker leaves them.
  private func fold() throws {
    try place.asWorker(
      """
      insert into audience (id, account_id, hash, used_ms) values (1, 1, 0, 0);
      insert into lane (id, account_id, kind, name, state, audience_id, since_ms, ready_ms)
        select id, 1, 'preview', lane, 'waiting', 1, asked_ms, asked_ms from ask;
      update ask set lane_id = id, audience_id = 1, first_call = 1;
      update worker set folded_ask = (select max(id) from ask);
      """)
  }

  @Test func `a queue without a worker says since when something is due`() throws {
    let before = Date().timeIntervalSince1970
    _ = try place.run("enqueue", "preview", "A", "B", "--everyone")
    let scrape = try scrape()
    #expect(scrape.sum("larkspur_worker_seen_timestamp_seconds") == 0)
    let due = try #require(scrape.sum("larkspur_oldest_due_timestamp_seconds"))
    #expect(due >= before - 0.01 && due <= Date().timeIntervalSince1970)
  }

  @Test func `what may not go yet is not due`() throws {
    _ = try place.run("enqueue", "preview", "A", "--everyone", "--after", "1h")
    #expect(try scrape().sum("larkspur_oldest_due_timestamp_seconds") == nil)
  }

  @Test func `lanes are counted by what they wait for`() throws {
    _ = try place.run("enqueue", "preview", "A", "B", "C", "--everyone")
    try fold()
    try place.asWorker("update lane set ready_ms = ready_ms + 86400000 where name = 'C'")
    func lanes(_ state: String) throws -> Double? {
      try scrape().sum(
        "larkspur_lanes", ["account": "default", "kind": "preview", "state": state])
    }
    #expect(try lanes("ready") == 2)
    #expect(try lanes("waiting") == 1)
    try place.asWorker("update account set parked = 'permission', parked_why = 'x', probe_ms = 1")
    #expect(try lanes("parked") == 3)
    #expect(
      try scrape().sum("larkspur_account_parked", ["trouble": "permission"]) == 1)
  }

  @Test func `dead lanes are counted, in a lane or in none`() throws {
    _ = try place.run("enqueue", "preview", "A", "B", "C", "--everyone")
    try place.asWorker("update ask set outcome = 'dead', reason = 'no', ended_ms = 1")
    #expect(try scrape().sum("larkspur_dead_lanes") == 3)
  }

  @Test func `the quota is that of the configuration, the calls are those of this month`() throws {
    _ = try place.run("enqueue", "preview", "A", "--everyone")
    try place.asWorker(
      """
      update account set limits = '{"monthly_quota":10000}';
      insert into budget (account_id, api, month, month_calls)
      select 1, value, (cast(strftime('%Y', 'now', '+8 hours') as integer) - 1970) * 12
        + cast(strftime('%m', 'now', '+8 hours') as integer) - 1, 4
      from json_each('["preview", "card", "session"]')
      """)
    let scrape = try scrape()
    #expect(scrape.sum("larkspur_quota_calls", ["account": "default"]) == 10_000)
    // Sessions do not count for it.
    #expect(scrape.sum("larkspur_month_calls", ["account": "default"]) == 8)
  }

  @Test func `a name that somebody has smuggled in cannot break the format`() throws {
    _ = try place.run("enqueue", "preview", "A", "--everyone")
    let name = "a\"} 1\n\\ b"
    try place.asWorker(
      "insert into total values ('ask', '\(name)', 'preview', 'delivered', 7, 0)")
    let scrape = try scrape()
    #expect(scrape.sum("larkspur_asks_total", ["account": name, "outcome": "delivered"]) == 7)
  }

  @Test func `no lane and no user is in it`() throws {
    _ = try place.run("enqueue", "preview", "token-A", "--open-id", "ou_canary")
    try fold()
    let output = try place.run("metrics").output
    #expect(!output.contains("token-A") && !output.contains("ou_canary"))
  }

  @Test func `the file is readable for everybody, whatever the umask, and replaced as a whole`()
    throws
  {
    _ = try place.run("enqueue", "preview", "A", "--everyone")
    let file = "\(place.folder)/larkspur.prom"
    for _ in 0..<2 {
      #expect(try place.shell(#"umask 077; "$0" --db "$1" metrics --file larkspur.prom"#).code == 0)
      let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
      #expect(mode == 0o644)
      #expect(try Scrape(String(contentsOfFile: file, encoding: .utf8)).samples.count > 10)
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: place.folder)
    #expect(!left.contains { $0.hasSuffix(".tmp") })
  }

  @Test func `a file of another kind is not replaced, least of all the queue`() throws {
    _ = try place.run("enqueue", "preview", "A", "--everyone")
    for file in [place.queue, try place.write("keep", to: "notes"), "/dev/null", place.folder] {
      let ended = try place.run("metrics", "--file", file)
      #expect(ended.code == 73 && ended.output == "")
      #expect(ended.sentences.hasPrefix("larkspur: cannot write metrics file \(file): it "))
    }
    #expect(try place.number("select count(*) from ask") == 1)
  }

  @Test func `a folder that is not there is said to be so`() throws {
    _ = try place.run("enqueue", "preview", "A", "--everyone")
    let ended = try place.run("metrics", "--file", "/nonexistent/a.prom")
    #expect(ended.code == 73)
    #expect(
      ended.sentences == """
        larkspur: cannot write metrics file /nonexistent/a.prom: no such file or directory; give \
        another file with --file

        """)
  }

  @Test func `the queue is only read, and nothing is left beside it`() throws {
    _ = try place.run("enqueue", "preview", "A", "--everyone")
    let before = try FileManager.default.contentsOfDirectory(atPath: place.folder)
    let bytes = try Data(contentsOf: URL(filePath: place.queue))
    _ = try scrape()
    let after = try FileManager.default.contentsOfDirectory(atPath: place.folder)
    #expect(
      after.filter { $0.hasPrefix("queue") }.sorted()
        == before.filter { $0.hasPrefix("queue") }.sorted())
    #expect(try Data(contentsOf: URL(filePath: place.queue)) == bytes)
  }

  @Test(arguments: [(1, "which migrates it"), (99, "use the newer version")])
  func `a queue of another schema is named with what to do`(schema: Int, advice: String) throws {
    _ = try place.run("enqueue", "preview", "A", "--everyone")
    try place.asWorker("pragma user_version = \(schema)")
    let ended = try place.run("metrics")
    #expect(ended.code == 74 && ended.output == "")
    #expect(ended.sentences.contains("it has schema \(schema)") && ended.sentences.contains(advice))
  }

  @Test func `a queue that is not there is not made`() throws {
    #expect(try place.run("metrics").code == 66)
    #expect(!FileManager.default.fileExists(atPath: place.queue))
  }

  @Test(arguments: [
    ["--json"], ["--account", "a"], ["x"], ["--file"], ["--file", ""], ["--file="],
  ])
  func `what makes no sense is refused`(words: [String]) throws {
    #expect(try place.runPlain(["--db", place.queue, "metrics"] + words).code == 64)
  }

  @Test func `a file that the collector does not read is named`() throws {
    _ = try place.run("enqueue", "preview", "A", "--everyone")
    let path = "\(place.folder)/larkspur.txt"
    let warned = try place.run("metrics", "--file", path)
    #expect(warned.code == 0)
    #expect(
      warned.sentences
        == "larkspur: metrics file \(path) does not end in .prom, so the node exporter's textfile "
        + "collector does not read it\n")
    #expect(try place.run("metrics", "--file", path, "--quiet").sentences == "")
    #expect(try place.run("metrics", "--file", "\(place.folder)/larkspur.prom").sentences == "")
  }
}
