import Foundation
import Programs
import Testing

/// `--log json`: one object a line.
@Suite struct JSONLogTests {
  private func place(_ options: String...) throws -> Place { try Place(sandbox: options) }

  /// The lines of a log. Each has what every line has.
  private func log(
    _ text: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [[String: Any]] {
    try text.split(separator: "\n").map { line in
      let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
      let object = try #require(value as? [String: Any], sourceLocation: sourceLocation)
      let time = try #require(object["time"] as? String, sourceLocation: sourceLocation)
      let format = ISO8601DateFormatter()
      format.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
      #expect(
        time.hasSuffix("Z") && format.date(from: time) != nil, sourceLocation: sourceLocation)
      let level = object["level"] as? String ?? ""
      #expect(["info", "warning", "error"].contains(level), sourceLocation: sourceLocation)
      #expect(
        (object["message"] as? String)?.isEmpty == false, "\(line)", sourceLocation: sourceLocation)
      return object
    }
  }

  private func events(_ log: [[String: Any]]) -> [String] {
    log.compactMap { $0["event"] as? String }
  }

  @Test func `a run is told from its start to its end, with what it has done`() throws {
    let place = try place()
    try place.ask([
      .preview("a_very_long_and_secret_token", for: .everyone),
      .preview("bad_token_and_a_long_one", for: .people(["ou_1"])),
    ])
    let run = try place.work("--until-empty", "--log", "json")
    #expect(run.status == 1 && run.out.isEmpty)
    #expect(!run.err.contains("a_very_long_and_secret_token"))
    let log = try log(run.err)
    #expect(events(log) == ["started", "called", "called", "died", "failed", "stopped"])
    let start = try #require(log.first)
    #expect(start["queue"] as? String == place.queue)
    #expect(start["goal"] as? String == "until_empty" && start["limit_ms"] is NSNull)
    #expect(start["accounts"] as? [String] == ["default"])
    #expect((start["pid"] as? Int ?? 0) > 1 && start["version"] is String)
    let end = try #require(log.last)
    #expect(end["ending"] as? String == "ended" && end["exit_code"] as? Int == 1)
    #expect(end["exit"] as? String == "dead" && end["calls"] as? Int == 2)
    #expect(end["lanes_done"] as? Int == 2 && end["lanes_left"] as? Int == 0)
    #expect(end["asks_died"] as? Int == 1)
  }

  @Test func `a refused call has what Feishu's support asks for`() throws {
    let place = try place()
    try place.ask([.preview("bad_token_and_a_long_one", for: .people(["ou_1"]))])
    let log = try log(try place.work("--until-empty", "--log", "json").err)
    for name in ["called", "died"] {
      let event = try #require(log.first { $0["event"] as? String == name })
      #expect(event["code"] as? Int == 230_001 && event["http_status"] as? Int == 400)
      #expect((event["log_id"] as? String)?.isEmpty == false)
      #expect(event["account"] as? String == "default")
    }
    let call = try #require(log.first { $0["event"] as? String == "called" })
    #expect(call["api"] as? String == "preview" && call["outcome"] as? String == "refused")
    #expect(call["people"] as? Int == 1 && call["everyone"] as? Bool == false)
    #expect((call["took_ms"] as? Int).map { $0 >= 0 } == true)
    #expect((call["lanes"] as? [String])?.first?.hasSuffix("…") == true)
  }

  @Test func `a worker that is stopped says so`() throws {
    let place = try place()
    let worker = try place.startWork("--log", "json")
    #expect(eventually { worker.errors.contains("\"started\"") })
    worker.kill(SIGTERM)
    let end = worker.finish()
    #expect(end.status == 0)
    let log = try log(end.err)
    #expect(events(log) == ["started", "stopped"])
    #expect(log.last?["ending"] as? String == "stopped" && log.last?["exit_code"] as? Int == 0)
  }

  @Test func `a second worker says that there is one`() throws {
    let place = try place()
    let worker = try place.startWork("--log", "json")
    #expect(eventually { worker.errors.contains("\"started\"") })
    let second = try place.work("--log", "json")
    #expect(second.status == 0)
    #expect(events(try log(second.err)) == ["already_running"])
    worker.kill(SIGTERM)
    _ = worker.finish()
  }

  @Test(arguments: [
    (["--once", "--log", "json", "--until-empty"], 64, "usage"),
    (["--log=json", "--nonsense"], 64, "usage"),
    (["--log", "json", "--config", "/nonexistent/config"], 66, "input_missing"),
    (["--log", "json", "--db", "/"], 74, "queue_not_usable"),
    (["--log", "json", "--db", "/nonexistent/queue.db"], 73, "queue_not_created"),
  ])
  func `what keeps a worker from starting is one line of the log`(
    words: [String], status: Int32, name: String
  ) throws {
    let place = try place()
    let run = try Programs.run("larkspur-work", words, place.environment)
    #expect(run.status == status && run.out.isEmpty)
    let log = try log(run.err)
    #expect(events(log) == ["failed"])
    let line = try #require(log.first)
    #expect(line["level"] as? String == "error" && line["exit"] as? String == name)
    #expect(line["exit_code"] as? Int == Int(status) && line["retryable"] as? Bool == false)
  }

  @Test func `a configuration that is not JSON is one line, too`() throws {
    let place = try place()
    let file = place.folder.appending(path: "config.json")
    try Data("{".utf8).write(to: file)
    let run = try place.work("--log", "json", "--config", file.path)
    #expect(run.status == 78)
    let log = try log(run.err)
    #expect(events(log) == ["failed"])
    #expect((log.first?["message"] as? String)?.contains(file.path) == true)
  }

  @Test func `what ends a worker is told before its end`() throws {
    let place = try place()
    let worker = try place.startWork("--log", "json")
    #expect(eventually { worker.errors.contains("\"started\"") })
    for suffix in ["", "-wal", "-shm"] {
      try FileManager.default.removeItem(atPath: place.queue + suffix)
    }
    let end = worker.finish()
    #expect(end.status == 74)
    let log = try log(end.err)
    #expect(events(log).suffix(2) == ["failed", "stopped"])
    #expect(log.last?["ending"] as? String == "failed" && log.last?["exit_code"] as? Int == 74)
  }

  @Test func `a parked account is told with what to do and where`() throws {
    let place = try place("--missing-scope")
    try place.ask([.preview("a", for: .everyone)])
    let log = try log(try place.work("--until-empty", "--log", "json").err)
    let parked = try #require(log.first { $0["event"] as? String == "parked" })
    #expect(parked["trouble"] as? String == "permission" && parked["code"] as? Int == 99_991_672)
    let failed = try #require(log.first { $0["event"] as? String == "failed" })
    #expect(
      failed["console_url"] as? String == "https://open.feishu.cn/app/cli_sandbox/auth")
    #expect(failed["log_id"] as? String == parked["log_id"] as? String)
    #expect((failed["fix"] as? String)?.hasSuffix("run 'larkspur resume default'") == true)
  }
}
