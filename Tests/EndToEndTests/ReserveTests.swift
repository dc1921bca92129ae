import Foundation
import Programs
import Testing

/// The last calls of a month, which are kept for urgent asks, with the real programs.
struct ReserveTests {
  /// Six asks and four calls that are not kept.
  private func place() throws -> Place {
    let place = try Place()
    let config = place.folder.appending(path: "config.json")
    try """
    {"accounts":{"default":{"app_id":"cli_sandbox","app_secret_env":"LARKSPUR_APP_SECRET",\
    "monthly_quota":6,"quota_reserve":2}}}
    """.write(to: config, atomically: true, encoding: .utf8)
    place.set("LARKSPUR_CONFIG", config.path)
    try place.ask((1...6).map { .preview("t\($0)", for: .people(["ou_\($0)"])) })
    _ = try place.work("--until-empty")
    #expect(try place.delivered() == 4)
    return place
  }

  private func larkspur(_ place: Place, _ words: String...) throws -> Programs.Finished {
    try Programs.run("larkspur", words, place.environment)
  }

  @Test func `what waits for it is not ready, wherever one looks`() throws {
    let place = try place()
    let list = try larkspur(place, "list").out
    #expect(
      list.contains("waiting") && list.contains("reserve") && !list.contains("ready"), "\(list)")
    let status = try larkspur(place, "status").out
    #expect(status.contains("lanes    0 ready, 2 waiting"), "\(status)")
    let metrics = try larkspur(place, "metrics").out
    let lanes = #"larkspur_lanes{account="default",kind="preview",state="#
    #expect(metrics.contains(lanes + #""waiting"} 2"#), "\(metrics)")
    #expect(metrics.contains(lanes + #""ready"} 0"#), "\(metrics)")
    #expect(!metrics.contains("larkspur_oldest_due_timestamp_seconds "), "\(metrics)")
    let forecast = try larkspur(place, "forecast", "--json").out
    #expect(forecast.contains(#""decides":"reserve""#), "\(forecast)")
    let explained = try larkspur(place, "explain", "t5").out
    #expect(explained.contains("kept for urgent asks until"), "\(explained)")
  }

  @Test func `--wait waits for the last call that is not kept`() throws {
    let place = try Place(sandbox: ["--latency", "500ms"])
    let config = place.folder.appending(path: "config.json")
    try """
    {"accounts":{"default":{"app_id":"cli_sandbox","app_secret_env":"LARKSPUR_APP_SECRET",\
    "monthly_quota":5,"quota_reserve":4}}}
    """.write(to: config, atomically: true, encoding: .utf8)
    place.set("LARKSPUR_CONFIG", config.path)
    let worker = try place.startWork("--quiet")
    let run = try larkspur(place, "enqueue", "preview", "last", "--everyone", "--wait=20s")
    #expect(run.status == 0, "\(run.err)")
    worker.kill(SIGTERM)
    #expect(worker.finish().status == 0)
  }

  @Test func `--wait says that an ask has to wait for it, unless it is urgent`() throws {
    let place = try place()
    let run = try larkspur(place, "enqueue", "preview", "late", "--everyone", "--wait=20s")
    #expect(run.status == 75)
    #expect(
      run.err.contains("kept for urgent asks; to send it this month, ask again with --urgent"))
    let worker = try place.startWork("--quiet")
    let urgent = try larkspur(
      place, "enqueue", "preview", "fire", "--everyone", "--urgent", "--wait=20s")
    #expect(urgent.status == 0, "\(urgent.err)")
    worker.kill(SIGTERM)
    #expect(worker.finish().status == 0)
  }
}
