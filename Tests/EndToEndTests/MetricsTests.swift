import Foundation
import Larkspur
import Planning
import Programs
import Scraping
import Testing

/// Metrics of the real programs, compared with what the sandbox has recorded.
struct MetricsTests {
  private func metrics(_ place: Place) throws -> Scrape {
    let run = try Programs.run("larkspur", ["metrics"], place.environment)
    #expect(run.status == 0 && run.err == "", "\(run.err)")
    return try Scrape(run.out)
  }

  private func file(_ place: Place) -> String { place.folder.appending(path: "l.prom").path }

  /// What the metrics must say, from the sandbox's record alone.
  private func expectTotals(_ place: Place, _ scrape: Scrape) throws {
    let calls = try place.previews()
    let applied = calls.filter(\.applied)
    #expect(
      scrape.sum("larkspur_refreshes_total")
        == Double(applied.reduce(0) { $0 + ($1.preview_tokens?.count ?? 0) }))
    #expect(
      scrape.sum("larkspur_calls_total", ["api": "preview", "outcome": "delivered"])
        == Double(applied.count))
    #expect(
      scrape.sum("larkspur_calls_total", ["api": "preview", "outcome": "refused"])
        == Double(calls.filter { $0.code == 230_001 }.count))
    #expect(scrape.sum("larkspur_calls_total", ["api": "preview"]) == Double(calls.count))
  }

  @Test func `they say what has arrived, and go on where they were when the history is gone`()
    throws
  {
    let place = try Place()
    var asked = 0
    for round in 0..<4 {
      try place.ask((0..<15).map { .preview("t\(round)-\($0)", for: .people(["ou_\($0)"])) })
      try place.ask([.preview("bad_token_\(round)", for: .everyone)])
      asked += 15
      _ = try place.work("--until-empty", "--quiet")
      let scrape = try metrics(place)
      try expectTotals(place, scrape)
      #expect(scrape.sum("larkspur_asks_total", ["outcome": "delivered"]) == Double(asked))
      #expect(scrape.sum("larkspur_asks_total", ["outcome": "dead"]) == Double(round + 1))
      #expect(scrape.sum("larkspur_staleness_seconds_count") == Double(asked))
      switch round {
      case 0: _ = try Programs.run("larkspur", ["prune", "--older-than", "0s"], place.environment)
      case 1:
        let shell = try Shell(place.queue)
        try shell.run("delete from ask where outcome = 'delivered'; delete from call;")
        try shell.end()
      case 2:
        let run = try Programs.run("larkspur", ["retry", "--all-dead"], place.environment)
        #expect(run.status == 0)
        let cancel = try Programs.run("larkspur", ["cancel", "bad_token_0"], place.environment)
        #expect(cancel.status == 0)
        let shell = try Shell(place.queue)
        try shell.run("delete from ask where outcome is null;")
        try shell.end()
      default: break
      }
    }
    #expect(try metrics(place).sum("larkspur_asks_total", ["outcome": "cancelled"]) == 1)
  }

  @Test func `no counter falls when workers are killed`() throws {
    let place = try Place(sandbox: ["--latency", "20ms"])
    var seen: [Scrape.Sample: Double] = [:]
    var dice = SystemRandomNumberGenerator()
    for round in 0..<6 {
      try place.ask((0..<40).map { .preview("t\(round)-\($0)", for: .people(["ou_\($0 % 7)"])) })
      let worker = try place.startWork("--quiet", "--metrics", file(place))
      let wanted = try place.previews().count + Int.random(in: 1...4, using: &dice)
      #expect(eventually { ((try? place.previews().count) ?? 0) >= wanted })
      worker.kill(SIGKILL)
      _ = worker.finish()
      for sample in try metrics(place).samples where sample.name.hasSuffix("_total") {
        var key = sample
        key.value = 0
        #expect(sample.value >= seen[key] ?? 0, "\(sample)")
        seen[key] = sample.value
      }
    }
    _ = try place.work("--until-empty", "--quiet")
    let scrape = try metrics(place)
    #expect(scrape.sum("larkspur_asks_total", ["outcome": "delivered"]) == 240)
    #expect(scrape.sum("larkspur_staleness_seconds_count") == 240)
    // A call whose worker was killed has arrived, and its outcome is unknown.
    let known = try #require(
      scrape.sum("larkspur_calls_total", ["api": "preview", "outcome": "delivered"]))
    let unknown = try #require(
      scrape.sum("larkspur_calls_total", ["api": "preview", "outcome": "unknown"]))
    let arrived = Double(try place.previews().count)
    #expect(known <= arrived && arrived <= known + unknown)
  }

  @Test func `a worker writes a file that everybody may read, at once and at its end`() throws {
    let place = try Place()
    let worker = try Programs.start(
      "/bin/sh",
      [
        "-c", "umask 077; exec \"$0\" --metrics \"$1\"", Programs.path("larkspur-work"),
        file(place),
      ], place.environment)
    let isThere = eventually { FileManager.default.fileExists(atPath: file(place)) }
    #expect(isThere)
    try place.ask([.preview("a", for: .everyone)])
    #expect(eventually { ((try? place.delivered()) ?? 0) == 1 })
    worker.kill(SIGTERM)
    #expect(worker.finish().status == 0)
    let mode = try FileManager.default.attributesOfItem(atPath: file(place))[.posixPermissions]
    #expect(mode as? Int == 0o644)
    let scrape = try Scrape(String(contentsOfFile: file(place), encoding: .utf8))
    #expect(scrape.sum("larkspur_asks_total", ["outcome": "delivered"]) == 1)
    let seen = try #require(scrape.sum("larkspur_worker_seen_timestamp_seconds"))
    #expect(abs(seen - Date().timeIntervalSince1970) < 60)
  }

  @Test func `a worker says that the collector does not read its file`() throws {
    let place = try Place()
    let path = place.folder.appending(path: "metrics.txt").path
    let run = try place.work("--once", "--metrics", path)
    #expect(run.status == 0 && run.err.contains("\(path) does not end in .prom"), "\(run.err)")
    #expect(try place.work("--once", "--quiet", "--metrics", path).err.isEmpty)
  }

  @Test func `a file that cannot be written is one sentence, and everything is delivered`() throws {
    let place = try Place()
    try place.ask((0..<30).map { .preview("t\($0)", for: .people(["ou_\($0)"])) })
    let run = try place.work("--until-empty", "--quiet", "--metrics", "/nonexistent/l.prom")
    #expect(run.status == 0)
    #expect(
      run.err == """
        larkspur: cannot write metrics file /nonexistent/l.prom: no such file or directory; the \
        worker goes on and tries again

        """)
    #expect(try place.delivered() == 30)
  }

  @Test func `of 201 accounts only the sums are shown`() throws {
    let place = try Place(sandbox: nil)
    try place.ask((0..<201).map { .preview("t", for: .everyone, account: "shop\($0)") })
    _ = try place.work("--once", "--quiet")
    let scrape = try metrics(place)
    #expect(scrape.samples.allSatisfy { $0.labels["account"] == nil })
    #expect(scrape.sum("larkspur_lanes") == 201)
  }

  /// Root may read everything, so the test becomes another user.
  private static let asNobody = ["/usr/bin/setpriv", "--reuid=65534", "--clear-groups"]

  private static let canBeNobody: Bool = {
    guard geteuid() == 0 else { return false }
    let version = Array(asNobody.dropFirst()) + [Programs.path("larkspur"), "--version"]
    return (try? Programs.run(asNobody[0], version))?.status == 0
  }()

  @Test(.enabled(if: canBeNobody, "root can become nobody"))
  func `another user who may read the queue gets them, and one who may not gets a sentence`()
    throws
  {
    let place = try Place()
    try place.ask([.preview("a", for: .everyone)])
    _ = try place.work("--once", "--quiet")
    chmod(place.folder.path, 0o755)
    let command = Array(Self.asNobody.dropFirst()) + [Programs.path("larkspur"), "metrics"]
    let stranger = try Programs.run(Self.asNobody[0], command, place.environment)
    #expect(stranger.status == 74 && stranger.out == "", "\(stranger.err)")
    chmod(place.queue, 0o644)
    let reader = try Programs.run(Self.asNobody[0], command, place.environment)
    #expect(reader.status == 0, "\(reader.err)")
    let scrape = try Scrape(reader.out)
    #expect(scrape.sum("larkspur_asks_total", ["outcome": "delivered"]) == 1)
    // The lock file with the worker's last look is its owner's. The queue tells when it last wrote.
    let seen = try #require(scrape.sum("larkspur_worker_seen_timestamp_seconds"))
    #expect(abs(seen - Date().timeIntervalSince1970) < 60)
    let files = try FileManager.default.contentsOfDirectory(atPath: place.folder.path)
    #expect(files.filter { $0.hasPrefix("queue") }.sorted() == ["queue.db", "queue.db.worker"])
  }
}

/// What is in `contrib`, judged by Prometheus's own tool.
struct MonitoringFilesTests {
  private static let contrib = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "contrib")

  private static let hasTool: Bool =
    (try? Programs.startOther("promtool", ["--version"]).finish(within: 20))?.status == 0

  /// If CI is set, no test is skipped silently.
  private static let isTried = hasTool || ProcessInfo.processInfo.environment["CI"] != nil

  private func expectFine(_ arguments: [String], input: String? = nil) throws {
    let pipe = Pipe()
    let tool = try Programs.startOther("promtool", arguments, input: pipe)
    try pipe.fileHandleForWriting.write(contentsOf: Data((input ?? "").utf8))
    try pipe.fileHandleForWriting.close()
    let run = tool.finish(within: 60)
    #expect(run.status == 0, "\(run.out)\(run.err)")
  }

  @Test(.enabled(if: isTried, "promtool is there"))
  func `the alert rules are valid, and do what their tests say`() throws {
    try expectFine(["check", "rules", Self.contrib.appending(path: "larkspur.rules.yml").path])
    try expectFine(["test", "rules", Self.contrib.appending(path: "larkspur.rules.test.yml").path])
  }

  @Test(.enabled(if: isTried, "promtool is there"))
  func `the metrics are what Prometheus expects of metrics`() throws {
    try expectFine(["check", "metrics"], input: try exampleText())
  }

  /// Everything that can be shown.
  private func exampleText() throws -> String {
    let place = try Place()
    try place.ask([
      .preview("a", for: .everyone), .preview("bad_token_1", for: .everyone),
      .session("session_4dfunz7sp1g8m", metadata: "{}"),
    ])
    _ = try place.work("--once", "--quiet")
    try place.ask([.preview("b", for: .everyone, account: "quote.d")])
    try Connection(path: place.queue, mode: .readWrite).run(
      script: #"update account set limits = '{"monthly_quota":5}'"#)
    let run = try Programs.run("larkspur", ["metrics"], place.environment)
    #expect(run.status == 0, "\(run.err)")
    return run.out
  }

  @Test func `rules and dashboard ask only for metrics and labels that there are`() throws {
    let scrape = try Scrape(try exampleText())
    let known = Set(scrape.samples.map(\.name))
    let labels = Set(scrape.samples.flatMap(\.labels.keys)).union(["instance"])
    var asked: Set<String> = []
    for file in ["larkspur.rules.yml", "grafana-dashboard.json"] {
      let text = try String(contentsOf: Self.contrib.appending(path: file), encoding: .utf8)
      let names = text.matches(of: #/larkspur_[a-z_]+/#).map { String($0.output) }
      asked.formUnion(names)
      for match in text.matches(of: #/([a-z]+)=~?\\"/#) {
        #expect(labels.contains(String(match.output.1)), "\(file): \(match.output.0)")
      }
    }
    #expect(asked.isSubset(of: known), "\(asked.subtracting(known))")
    #expect(asked.count >= 10)
  }

  @Test func `the dashboard is JSON, and no two panels are in one place`() throws {
    let data = try Data(contentsOf: Self.contrib.appending(path: "grafana-dashboard.json"))
    let dashboard = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let panels = try #require(dashboard["panels"] as? [[String: Any]])
    var taken: Set<String> = []
    for panel in panels {
      let place = try #require(panel["gridPos"] as? [String: Int])
      for x in 0..<(place["w"] ?? 0) {
        for y in 0..<(place["h"] ?? 0) {
          let cell = "\((place["x"] ?? 0) + x) \((place["y"] ?? 0) + y)"
          #expect(taken.insert(cell).inserted, "\(panel["title"] ?? "")")
        }
      }
    }
    #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
  }
}
