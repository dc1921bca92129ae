import Foundation
import Larkspur
import Programs
import Testing

/// `explain`, `plan` and `forecast` of the real programs. The sandbox's record is the judge.
@Suite(.serialized) struct ForesightTests {
  private func larkspur(
    _ place: Place, _ arguments: String..., expecting status: Int32 = 0
  ) throws -> Programs.Finished {
    let run = try Programs.run("larkspur", arguments, place.environment)
    #expect(run.status == status, "\(arguments): \(run.err)")
    return run
  }

  private func objects(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map { line in
      let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
      return try #require(value as? [String: Any])
    }
  }

  private func moment(_ value: Any?) throws -> Date {
    let text = try #require(value as? String)
    return try Date(
      text, strategy: .iso8601.year().month().day().time(includingFractionalSeconds: true))
  }

  /// A queue with a backlog, and a worker that has begun with it.
  private func busy(_ lanes: Int, callsPerSecond: Int = 5) throws -> (Place, Started) {
    let place = try Place(
      sandbox: ["--latency", "20ms", "--calls-per-second", "\(callsPerSecond)"])
    let config = place.folder.appending(path: "config.json")
    try """
    {"accounts":{"default":{"app_id":"cli_sandbox","app_secret_env":"LARKSPUR_APP_SECRET",\
    "calls_per_second":\(callsPerSecond)}}}
    """.write(to: config, atomically: true, encoding: .utf8)
    place.set("LARKSPUR_CONFIG", config.path)
    try place.ask(
      (0..<lanes).map { .preview("token_\($0)", for: .people(["ou_\($0 / 10 % 7)"])) })
    let worker = try place.startWork("--quiet")
    #expect(eventually { (try? place.previews().count) ?? 0 >= 6 })
    return (place, worker)
  }

  @Test func `plan names the calls that are then made`() throws {
    let (place, worker) = try busy(600)
    let plan = try objects(larkspur(place, "plan", "--next", "20", "--json").out)
    #expect(plan.count == 20)
    #expect(eventually { (try? place.previews().count) ?? 0 >= 40 })
    worker.kill(SIGTERM)
    _ = worker.finish()
    let made = try place.previews().map { Set($0.preview_tokens ?? []) }
    for call in plan {
      let lanes = Set(try #require(call["lanes"] as? [String]))
      #expect(made.contains(lanes), "\(lanes) was planned and not made")
      #expect(call["everyone"] as? Bool == false && call["people"] as? Int == 1)
    }
  }

  @Test func `a lane leaves when explain says so`() throws {
    let (place, worker) = try busy(400)
    let lane = try #require(
      try Inspector(queue: place.queue).rows(
        "select lane from queue where state <> 'in flight' order by since desc, lane limit 1"
      ).rows.first?.first)
    guard case .text(let name) = lane else { return }
    let explained = try #require(
      try objects(larkspur(place, "explain", name, "--json").out).first)
    #expect(explained["schema"] as? Int == 1 && explained["state"] as? String == "waiting")
    #expect(explained["estimate"] as? Bool == false)
    let goes = try moment(explained["goes_at"])
    let blockers = try #require(explained["blockers"] as? [[String: Any]])
    #expect(blockers.filter { $0["decides"] as? Bool == true }.count == 1)
    #expect(eventually { (try? place.delivered()) == 400 })
    worker.kill(SIGTERM)
    _ = worker.finish()
    let left = try place.number(
      """
      select sent_ms + (select skew_ms from worker) from call
      where id = (select call_id from ask where lane = '\(name)')
      """)
    let error = Double(left) / 1_000 - goes.timeIntervalSince1970
    #expect(abs(error) < 0.5, "it left \(error) s after it was said to")
    let text = try larkspur(place, "explain", name).out
    #expect(text.hasPrefix("preview \(name) (account default): nothing pending; delivered at "))
    #expect(text.contains("delivered (code 0, HTTP 200, log id "))
  }

  @Test func `the forecast of a drain of ten thousand is right within a twentieth`() throws {
    let (place, worker) = try busy(10_000, callsPerSecond: 50)
    let asked = Date()
    let forecast = try #require(try objects(larkspur(place, "forecast", "--json").out).first)
    #expect(forecast["account"] as? String == "default")
    #expect(forecast["state"] as? String == "empty")
    let empty = try moment(forecast["empty_at"])
    #expect(eventually(within: 100) { (try? place.delivered()) == 10_000 })
    let took = Date().timeIntervalSince(asked)
    worker.kill(SIGTERM)
    _ = worker.finish()
    let said = empty.timeIntervalSince(asked)
    #expect(abs(said - took) < took / 20 + 0.5, "\(said) s were forecast, and it took \(took) s")
    #expect(try larkspur(place, "forecast").out.hasPrefix("default: empty"))
  }

  @Test func `something unknown is said to be, with the name that comes nearest`() throws {
    let place = try Place(sandbox: nil)
    try place.ask([.preview("ticket-17", for: .everyone)])
    let run = try larkspur(place, "explain", "ticket-71", expecting: 65)
    #expect(run.out.isEmpty)
    #expect(
      run.err == "larkspur: nothing known about 'ticket-71'; did you mean 'ticket-17'?\n",
      "\(run.err)")
  }

  @Test func `an ask's number will do, and without a worker nothing goes`() throws {
    let place = try Place(sandbox: nil)
    let ask = try place.ask([.preview("ticket-17", for: .everyone)])[0]
    let text = try larkspur(place, "explain", "\(ask)").out
    #expect(
      text.hasPrefix("preview ticket-17 (account default): new, goes once a worker runs"))
    #expect(text.contains("no worker is running; start one with 'larkspur work'     <- decides"))
    let plan = try larkspur(place, "plan")
    #expect(plan.out.contains("ticket-17"))
    #expect(plan.err.contains("no worker is running, so one is assumed to start now"))
  }

  /// Nil is a queue that no worker has opened.
  @Test(arguments: [nil, "worker has run", "machine was restarted since"])
  func `what is foretold is told on the clock on the wall`(past: String?) throws {
    let place = try Place()
    if past != nil {
      try place.ask([.preview("earlier", for: .everyone)])
      #expect(try place.work("--until-empty").status == 0)
    }
    if past == "machine was restarted since" {
      // A clock that counts from another start is ahead or behind by how long the machine was up.
      try QueueFile.open(place.queue, creating: false).run(
        script: """
          update worker set boot = 'another boottime+0', offset_ms = offset_ms - 40 * 86400000
          """)
    }
    try place.ask([.preview("ticket-17", for: .everyone)])
    let asked = Date()
    let call = try #require(try objects(larkspur(place, "plan", "--json").out).first)
    let forecast = try #require(try objects(larkspur(place, "forecast", "--json").out).first)
    for moment in [try moment(call["at"]), try moment(forecast["empty_at"])] {
      #expect(abs(moment.timeIntervalSince(asked)) < 60, "\(moment)")
    }
    let text = try larkspur(place, "explain", "ticket-17").out
    #expect(!text.contains("oldest from 20"), "\(text)")
  }

  @Test func `explain repeats what Feishu said when it had the account parked`() throws {
    let place = try Place(sandbox: nil)
    try place.ask([.preview("ticket-17", for: .everyone)])
    try QueueFile.open(place.queue, creating: false).run(
      script: "update account set parked = 'permission', parked_why = 'no scope', probe_ms = 1")
    let text = try larkspur(place, "explain", "ticket-17").out
    #expect(text.contains(": parked, goes once its account is resumed\n"), "\(text)")
    #expect(text.contains("until you run 'larkspur resume default'; no scope"), "\(text)")
  }

  @Test func `a check of the status is one line and an exit code`() throws {
    let place = try Place()
    try place.ask([.preview("a", for: .everyone)])
    let never = try larkspur(place, "status", "--check", expecting: 75)
    #expect(never.out.hasPrefix("no worker has ever looked at the queue"))
    #expect(try place.work("--until-empty").status == 0)
    let well = try larkspur(place, "status", "--check").out
    #expect(
      well.contains(#/^all is well; no worker is running \(last look \d+(\.\d)? s ago\)\n$/#),
      "\(well)")
    #expect(try larkspur(place, "status", "--check", "--quiet").out.isEmpty)
    try QueueFile.open(place.queue, creating: false).run(
      script: """
        update account set parked = 'permission', parked_why = 'no scope', probe_ms = 1
        """)
    let parked = try larkspur(place, "status", "--check", "--json", expecting: 1)
    #expect(parked.out.hasPrefix(#"{"ok":false,"reason":"parked","summary":"account 'default' is"#))
  }
}
