import Chance
import Delivery
import Foundation
import Planning
import Testing

@testable import Larkspur

/// What a worker reports about itself while it works.
struct BeatingTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  /// Runs a worker for this long.
  private func stay(for span: Span) throws {
    bench.world.after(span) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    bench.world.stopRequests = 0
  }

  private var last: Heartbeat.Look? { bench.beats.last }

  /// What was stuck at each look, without repetitions.
  private var story: [[Stuck.Reason]] {
    bench.beats.map { $0.stuck.map(\.reason) }.reduce(into: []) { story, next in
      if story.last != next { story.append(next) }
    }
  }

  private func wall(_ moment: Int) -> WallMoment { WallMoment(ms: moment + bench.world.wallOffset) }

  @Test func `it looks, and names the moment by which it looks again`() throws {
    try stay(for: 600_000)
    let looks = bench.beats.map(\.sinceBoot)
    #expect(looks.count > 1)
    for (look, next) in zip(bench.beats, bench.beats.dropFirst()) {
      #expect(next.sinceBoot - look.next < Heartbeat.grace)
      #expect(look.next - look.sinceBoot <= .minutes(1))
    }
    #expect(bench.beats.allSatisfy { $0.stuck == [] && $0.lastCall == nil })
  }

  @Test func `an idle worker is not woken for it`() throws {
    // One look a minute, and the looks of the hourly upkeep.
    try stay(for: 3_600_000)
    #expect(bench.beats.count <= 70)
  }

  @Test func `a busy worker says it once a second`() throws {
    for token in 0..<300 { bench.ask("t\(token)", "ou_\(token)") }
    let began = bench.world.now
    try bench.run()
    let seconds = (bench.world.now - began) / 1_000
    #expect(bench.feishu.arrivals.count >= 300 && seconds >= 50)
    #expect(bench.beats.count <= seconds + 10)
  }

  @Test func `it says when the last call was made, and when the last one succeeded`() throws {
    bench.ask("a", "ou_1")
    bench.world.after(10_000) {
      bench.feishu.fault = { _, _ in .answer(500, #"{"code":2200}"#) }
      bench.ask("b", "ou_1", after: 1_000)
    }
    try stay(for: 20_000)
    let look = try #require(last)
    let called = try #require(look.lastCall)
    let succeeded = try #require(look.lastSuccess)
    #expect((0...1_000).contains(succeeded - wall(bench.start)))
    #expect(called - wall(bench.start) > 10_000)
  }

  @Test func `a run of one pass leaves its last word`() throws {
    bench.ask("a", "ou_1")
    try bench.run(.once)
    #expect(last?.lastSuccess != nil)
    #expect(last?.stuck == [])
  }

  @Test func `a missing secret is said until it is there`() throws {
    bench.unreadable[bench.settings.secret] = "no file"
    bench.ask("a", "ou_1")
    bench.world.after(60_000) { bench.unreadable = [:] }
    try stay(for: 120_000)
    #expect(story == [[.noSecret], []])
    #expect(
      bench.beats.first?.stuck == [Stuck(.noSecret, account: "default", why: "no file")])
  }

  @Test func `a run with an end says what is missing as well`() throws {
    bench.unreadable[bench.settings.secret] = "no file"
    try bench.run(.once)
    #expect(last?.stuck.map(\.reason) == [.noSecret])
  }

  @Test func `a host that cannot be reached is said until it is back`() throws {
    bench.ask("a", "ou_1")
    bench.feishu.fault = { [unowned bench] _, at in
      at < bench.start + 60_000 ? .neverLeft("no route") : nil
    }
    try stay(for: 180_000)
    #expect(story == [[], [.unreachable], []])
    let stuck = bench.beats.flatMap(\.stuck).first
    #expect(
      stuck?.sentence
        == "calls of account 'default': Feishu cannot be reached: no route (https://feishu.test)")
  }

  @Test func `so is one at which there is no access token to be had`() throws {
    bench.ask("a", "ou_1")
    bench.withholdTokens(for: 60_000)
    try stay(for: 180_000)
    #expect(story == [[], [.unreachable], []])
  }

  @Test func `a host that answers again, and fails, can be reached`() throws {
    bench.ask("a", "ou_1")
    bench.feishu.tokenAnswer = { [unowned bench] _, at in
      if at < bench.start + 30_000 { return .neverLeft("no route") }
      let isBack = at >= bench.start + 90_000
      let body =
        isBack ? #"{"code":0,"tenant_access_token":"t-1","expire":7200}"# : #"{"code":2200}"#
      return .answered(
        RawAnswer(status: isBack ? 200 : 500, headers: [:], body: Array(body.utf8)))
    }
    try stay(for: 240_000)
    #expect(story == [[], [.unreachable], [.failing], []])
  }

  @Test func `everything refused is said until something is accepted`() throws {
    for token in 0..<300 { bench.ask("t\(token)", "ou_1") }
    bench.feishu.fault = { [unowned bench] _, at in
      at < bench.start + 300_000 ? .answer(400, #"{"code":230001,"msg":"no"}"#) : nil
    }
    try stay(for: 1_800_000)
    #expect(story == [[], [.refused], []])
  }

  @Test func `an account that was parked says so, and the next worker too`() throws {
    bench.ask("a", "ou_1")
    bench.feishu.tokenAnswer = { _, _ in
      .answered(
        RawAnswer(
          status: 200, headers: [:], body: Array(#"{"code":10014,"msg":"secret invalid"}"#.utf8)))
    }
    try bench.run(.once)
    #expect(last?.stuck.map(\.reason) == [.parked])
    bench.beats = []
    try bench.run(.once)
    #expect(last?.stuck.map(\.reason) == [.parked])
  }

  @Test func `a queue that cannot be written is said, and the worker still looks`() throws {
    bench.ask("a", "ou_1")
    let holder = Holder(try Connection(path: bench.path, mode: .readWrite, patience_ms: 1_000))
    bench.ask("b", "ou_1", after: 12_000)
    bench.world.after(10_000) { holder.run("begin immediate") }
    bench.world.after(30_000) { holder.run("rollback") }
    try stay(for: 60_000)
    #expect(story.contains([.queue]))
    #expect(last?.stuck == [])
  }

  private final class Holder {
    let connection: Connection
    init(_ connection: consuming Connection) { self.connection = connection }
    func run(_ sql: String) {
      do { try connection.run(script: sql) } catch { Issue.record("\(sql): \(error)") }
    }
  }

  @Test func `of many accounts twenty are named, and the rest is counted`() throws {
    bench.others = (0..<30).map { number in
      AccountSettings(
        name: "shop\(number)", host: "https://feishu.test", appID: "cli_\(number)",
        secret: .environment("S\(number)"))
    }
    for account in bench.others { bench.unreadable[account.secret] = "no file" }
    try bench.run(.once)
    #expect(last?.stuck.count == Heartbeat.Look.stuckMost)
    #expect(last?.stuckMore == 10)
  }

  @Test func `no secret is in it, even if a server repeats one`() throws {
    bench.secret = .success("a-very-secret-value")
    bench.ask("a", "ou_1")
    bench.feishu.tokenAnswer = { _, _ in
      .answered(
        RawAnswer(
          status: 200, headers: [:],
          body: Array(#"{"code":10014,"msg":"a-very-secret-value is wrong"}"#.utf8)))
    }
    try bench.run(.once)
    #expect(last?.stuck.map(\.reason) == [.parked])
    #expect(bench.beats.allSatisfy { !"\($0)".contains("a-very-secret-value") })
  }
}
