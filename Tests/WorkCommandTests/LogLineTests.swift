import Foundation
import Planning
import Terminal
import Testing

@testable import Delivery
@testable import WorkCommand

struct LogLineTests {
  private let now = WallMoment(ms: 1_795_937_896_200)

  private func json(_ event: LogEvent) throws -> [String: Any] {
    let line = LogLine.json(event, at: now)
    return try #require(
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }

  @Test(arguments: EventName.allCases)
  func `each event has its name, level and line`(name: EventName) {
    let sample = EventSample.of(name)
    #expect(sample.event.name == name)
    #expect(sample.event.level == sample.level)
    #expect(
      LogLine.text(sample.event, .journal, at: now) == "<\(sample.level.priority)>\(sample.text)")
  }

  @Test(arguments: EventName.allCases)
  func `each event is an object with its time, its facts and the line for people`(
    name: EventName
  ) throws {
    let sample = EventSample.of(name)
    let facts = sample.facts.isEmpty ? "" : ",\(sample.facts)"
    let expected =
      #"{"time":"2026-11-29T07:38:16.200Z","level":"\#(sample.level.rawValue)","#
      + #""event":"\#(name.rawValue)"\#(facts),"message":"\#(sample.text)"}"#
    #expect(LogLine.json(sample.event, at: now) == expected)
    #expect(try json(sample.event)["message"] as? String == sample.text)
  }

  @Test func `the names are an interface`() {
    #expect(
      EventName.allCases.map(\.rawValue) == [
        "started", "called", "died", "parked", "unparked", "paused", "recovered", "store_failed",
        "store_recovered", "unknown_account", "account_added", "account_changed",
        "account_removed", "configuration_unchanged", "configuration_unusable", "secret_missing",
        "user_token_missing", "secret_found", "already_running", "failed", "stopped",
      ])
    #expect(LogLevel.allCases.map(\.rawValue) == ["info", "warning", "error"])
  }

  @Test func `a line for people has the local time and the level, aligned`() {
    let time = describeMoment(wall_ms: now.ms)
    func line(_ name: EventName) -> String {
      LogLine.text(EventSample.of(name).event, .timed, at: now)
    }
    #expect(line(.accountAdded) == "\(time) info    account 'shop' was added")
    #expect(
      line(.recovered) == "\(time) warning 1 call of an interrupted run will be repeated")
    #expect(line(.storeFailed) == "\(time) error   retrying: it is full")
  }

  @Test func `the answer of a command has neither`() {
    #expect(
      LogLine.text(EventSample.of(.storeFailed).event, .plain, at: now)
        == "larkspur: retrying: it is full")
  }

  @Test(arguments: [LogLine.Style.plain, .timed, .journal])
  func `what others have written cannot control a terminal or begin a line`(
    style: LogLine.Style
  ) {
    let event = LogEvent.happened(.storeFailed("a\u{1b}[31m\n<0>b\u{202e}"))
    let line = LogLine.text(event, style, at: now)
    #expect(line.hasSuffix(#"retrying: a\u{1b}[31m\u{a}<0>b\u{202e}"#))
  }

  @Test func `neither can it in JSON, which keeps it as it was`() throws {
    let event = LogEvent.happened(.storeFailed("a\u{1b}[31m\n\u{202e}"))
    #expect(LogLine.json(event, at: now).utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
    #expect(try json(event)["reason"] as? String == "a\u{1b}[31m\n\u{202e}")
  }

  @Test func `a call that succeeded has no reason`() throws {
    let event = LogEvent.happened(
      .called(
        .init(
          account: "shop", api: .auth, call: 1, lanes: [], audience: nil, took_ms: 1,
          outcome: "delivered", detail: "success", answer: .init(code: 0, status: 200),
          isGood: true)))
    #expect(event.level == .info)
    let object = try json(event)
    #expect(object["reason"] is NSNull && object["log_id"] is NSNull)
    #expect(object["code"] as? Int == 0 && object["http_status"] as? Int == 200)
    #expect(object["everyone"] == nil && object["people"] == nil)
  }

  @Test func `everyone is not a number of people`() throws {
    let event = LogEvent.happened(
      .called(
        .init(
          account: "shop", api: .preview, call: 1, lanes: ["a"], audience: .everyone, took_ms: 1,
          outcome: "delivered", detail: "success", answer: .none, isGood: true)))
    #expect(try json(event)["everyone"] as? Bool == true)
    #expect(try json(event)["people"] is NSNull)
  }

  @Test func `another worker whose lock file is gone is an error, which --quiet does not hide`() {
    let event = LogEvent.alreadyRunning(.unknown)
    #expect(event.level == .error)
    #expect(event.sentence.contains("its lock file was removed; this run exits"))
  }
}
