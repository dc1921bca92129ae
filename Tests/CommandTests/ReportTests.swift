import Foundation
import Larkspur
import Testing

@testable import Command
@testable import Picture

/// `report`, with the built program on queues that are written by hand.
struct ReportTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    _ = try place.run("enqueue", "preview", "A", "--everyone")
  }

  private static let hour = 3_600_000
  private var page: String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
  private var path: String { "\(place.folder)/larkspur-report.html" }

  private func now() throws -> Int { try #require(try place.number("select now_ms from clock")) }

  /// Two lanes, and calls that carried them some hours ago: delivered, refused and none.
  private func work(_ name: String = "token-of-a-preview-0123456789", hoursAgo: Int = 1) throws {
    let at = try now() - hoursAgo * Self.hour
    try place.asWorker(
      """
      insert into audience (id, account_id, hash, used_ms) values (1, 1, 0, 0);
      insert into account (name) values ('shop');
      insert into lane (id, account_id, kind, name, state) values
        (1, 1, 'preview', '\(name)', 'idle'), (2, 2, 'card', 'card-1', 'idle');
      insert into call (account_id, api, lanes, audience_id, started_ms, ended_ms, outcome, http_status,
        code, message, log_id) values
        (1, 'preview', '[1]', 1, \(at), \(at + 80), 'delivered', 200, 0, null, 'log-1'),
        (1, 'preview', '[1]', 1, \(at + 9000), \(at + 9080), 'refused', 400, 230001,
          'token \(name) is invalid', 'log-2'),
        (2, 'card', '[2]', null, \(at + 9500), \(at + 9990), 'delivered', 200, 0, null, 'log-3');
      update ask set outcome = 'delivered', lane_id = 1, lane = '\(name)', asked_ms = \(at - 500),
        ended_ms = \(at + 80), call_id = 1;
      update worker set folded_ask = 1, newest_ms = \(at + 9990);
      """)
  }

  @Test func `the page is its owner's alone, and its name is printed`() throws {
    try work()
    let ended = try place.run("report")
    #expect(ended == Ended(code: 0, output: "larkspur-report.html\n", sentences: ""))
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    #expect(page.hasPrefix(ReportPage.beginning) && page.contains("log-2"))
    #expect(try place.run("report", "--json").output == "{\"file\":\"larkspur-report.html\"}\n")
  }

  @Test func `a page of one account shows no other`() throws {
    try work()
    _ = try place.run("report", "--account", "shop")
    #expect(page.contains("Only account <bdi>shop</bdi>.") && page.contains("log-3"))
    #expect(!page.contains("log-1") && !page.contains("log-2"))
  }

  @Test func `what is older than the span is left out`() throws {
    try work(hoursAgo: 5)
    _ = try place.run("report", "--since", "2h")
    #expect(!page.contains("log-1") && page.contains("oldest due"))
    _ = try place.run("report", "--since", "6h")
    #expect(page.contains("log-1"))
  }

  @Test func `tokens are shortened unless they are asked for in full`() throws {
    try work()
    _ = try place.run("report")
    #expect(!page.contains("token-of-a-preview-0123456789") && page.contains("token-…6789"))
    _ = try place.run("report", "--full")
    #expect(page.contains("token-of-a-preview-0123456789"))
  }

  @Test func `an empty queue gives a page that says so`() throws {
    try place.asWorker("delete from ask")
    #expect(try place.run("report").code == 0)
    #expect(page.contains("Nothing to show yet"))
  }

  @Test func `the page can go to standard output`() throws {
    let ended = try place.run("report", "--out", "-")
    #expect(ended.output.hasPrefix(ReportPage.beginning) && ended.output.hasSuffix("</html>\n"))
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test(arguments: ["--out", "--trace"])
  func `a file that is no report is not replaced`(option: String) throws {
    let ended = try place.run("report", option, place.queue)
    #expect(ended.code == 73)
    #expect(
      ended.sentences.contains("it exists and was not written by this command; give the name"))
    let folder = try place.run("report", option, place.folder)
    #expect(folder.code == 73 && folder.sentences.contains("it is not a regular file"))
    #expect(try place.run("list").code == 0)
  }

  @Test func `an earlier report is replaced, and one that cannot be made stays`() throws {
    _ = try place.run("report")
    let first = page
    try work()
    _ = try place.run("report")
    let second = page
    #expect(first != second && second.contains("log-1"))
    #expect(try place.runPlain(["--db", "\(place.folder)/none.db", "report"]).code == 66)
    #expect(page == second)
    #expect(try place.run("report", "--out", "/nonexistent/r.html").code == 73)
  }

  @Test func `a queue that was copied without its lock file tells when a worker last wrote`() throws
  {
    try work(hoursAgo: 3)
    _ = try place.run("report")
    #expect(page.contains("No worker has looked at the queue for 2 h 59 min; start one with"))
    let check = try place.run("status", "--check")
    #expect(check.output.hasPrefix("no worker has looked at the queue for 2 h 59 min"))
  }

  @Test func `looking changes nothing, and another user's queue will do`() throws {
    try work()
    let before = try FileManager.default.contentsOfDirectory(atPath: place.folder).sorted()
    let bytes = try Data(contentsOf: URL(filePath: place.queue))
    try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: place.queue)
    _ = try place.run("report", "--out", "-")
    _ = try place.run("report", "--trace", "-")
    #expect(try Data(contentsOf: URL(filePath: place.queue)) == bytes)
    let after = try FileManager.default.contentsOfDirectory(atPath: place.folder)
      .filter { !$0.hasPrefix("sentences-") && !$0.hasPrefix("input-") }
    #expect(after.allSatisfy(before.contains), "\(after)")
  }

  @Test func `times are those of the zone`() throws {
    try work()
    let ended = try place.runPlain(
      ["--db", place.queue, "report", "--out", "-"], variables: ["TZ": "Asia/Shanghai"])
    #expect(ended.output.contains("Times are in CST (UTC+08:00)."))
  }

  @Test func `a trace has a slice for each lane of each call`() throws {
    try work()
    let ended = try place.run("report", "--trace", "trace.json")
    #expect(ended.output == "trace.json\n")
    let data = try Data(contentsOf: URL(filePath: "\(place.folder)/trace.json"))
    let trace = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let events = try #require(trace["traceEvents"] as? [[String: Any]])
    let slices = events.filter { $0["cat"] as? String == "call" }
    #expect(slices.compactMap { $0["name"] as? String } == ["delivered", "refused", "delivered"])
    #expect(Set(slices.compactMap { $0["pid"] as? Int }).count == 2)
    #expect(!String(decoding: data, as: UTF8.self).contains("token-of-a-preview"))
  }

  @Test func `a trace of more calls than are read at a time has all of them, once`() throws {
    try work()
    let at = try now() - 60_000
    try place.asWorker(
      """
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 4500)
      insert into call (account_id, api, lanes, started_ms, ended_ms, outcome)
      select 1, 'preview', '[1]', \(at) + i, \(at) + i + 1, 'delivered' from n;
      """)
    let text = try place.run("report", "--trace", "-").output
    let trace = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let events = try #require(trace?["traceEvents"] as? [[String: Any]])
    let calls = events.compactMap { ($0["args"] as? [String: Any])?["call"] as? Int }
    #expect(calls.count == 4_503 && Set(calls).count == 4_503)
  }
}
