import Foundation
import Larkspur
import Programs
import Testing

/// Whole runs of the real programs. The sandbox's record is the judge.
@Suite(.serialized) struct DrainTests {
  @Test func `a thousand tokens with one audience leave in a hundred calls at full pace`() throws {
    let place = try Place(sandbox: ["--latency", "50ms"])
    try place.ask((0..<1_000).map { .preview("token_\($0)", for: .people(["ou_1", "ou_2"])) })
    let run = try place.work("--until-empty", "--json")
    #expect(run.status == 0)
    #expect(run.out.contains("\"calls\":100,\"lanes_done\":1000,\"lanes_left\":0"))
    let calls = try place.previews()
    #expect(calls.count == 100)
    #expect(calls.allSatisfy { $0.applied && $0.open_ids == ["ou_1", "ou_2"] })
    #expect(Set(calls.flatMap { $0.preview_tokens ?? [] }).count == 1_000)
    #expect(try place.delivered() == 1_000)
    #expect(try place.findings() == [])
  }

  @Test func `mixed audiences leave in the fewest calls possible`() throws {
    let place = try Place(sandbox: ["--calls-per-second", "0"])
    let crowd = (0..<250).map { "ou_\(1_000 + $0)" }
    var asks: [Ask] = []
    for token in 0..<25 { asks.append(.preview("a\(token)", for: .people(["ou_1"]))) }
    for token in 0..<15 { asks.append(.preview("b\(token)", for: .people(["ou_2", "ou_3"]))) }
    for token in 0..<12 { asks.append(.preview("c\(token)", for: .everyone)) }
    for token in 0..<3 { asks.append(.preview("d\(token)", for: .people(crowd))) }
    // A part of the crowd that fills a call of its own goes together with it.
    for token in 0..<4 { asks.append(.preview("e\(token)", for: .people(Array(crowd[100..<200])))) }
    // Repeats cost nothing.
    try place.ask(asks + asks + asks)
    #expect(try place.work("--until-empty").status == 0)
    let calls = try place.previews()
    #expect(calls.count == 3 + 2 + 2 + 3)
    #expect(calls.allSatisfy { $0.applied })
    #expect(try place.delivered() == 59 * 3)
    let unlimited = try place.findings().filter { !$0.hasPrefix("P4") }
    #expect(unlimited == [])
  }

  @Test func `killed twenty times during a drain, nothing is lost and nothing is early`() throws {
    let place = try Place(sandbox: ["--latency", "40ms", "--latency-spread", "30ms"])
    let asks = try place.ask(
      (0..<300).map { .preview("token_\($0 % 150)", for: .people(["ou_1"])) })
    var dice = SystemRandomNumberGenerator()
    for _ in 0..<20 {
      let worker = try place.startWork("--until-empty")
      // Any moment is fine: the promises hold at every instruction.
      usleep(UInt32.random(in: 1_000...400_000, using: &dice))
      worker.kill(SIGKILL)
      _ = worker.finish()
    }
    #expect(try place.work("--until-empty").status == 0)
    #expect(try place.delivered() == asks.count)
    #expect(try place.records().allSatisfy { $0.verdict == "ok" })
    #expect(try place.findings(accepted: asks) == [])
  }

  @Test func `what is asked of an idle worker is sent at once`() throws {
    let place = try Place()
    let worker = try place.startWork()
    try place.ask([.preview("first", for: .everyone)])
    #expect(eventually { (try? place.delivered()) == 1 })
    try place.ask([.preview("second", for: .everyone)])
    #expect(eventually { (try? place.delivered()) == 2 })
    worker.kill(SIGTERM)
    #expect(worker.finish().status == 0)
    #expect(try place.previews().count == 2)
  }
}

@Suite(.serialized) struct SignalTests {
  @Test func `asked to end, it waits for the answer, records it, and exits 0`() throws {
    let place = try Place(sandbox: ["--latency", "3s"])
    try place.ask([.preview("a", for: .everyone)])
    let worker = try place.startWork()
    #expect(eventually { (try? place.number("select count(*) from in_flight")) == 1 })
    worker.kill(SIGTERM)
    #expect(worker.finish().status == 0)
    #expect(try place.delivered() == 1)
    #expect(try place.number("select count(*) from in_flight") == 0)
  }

  @Test func `a second signal does not wait, and the next run repairs what it left`() throws {
    let place = try Place(sandbox: ["--never", "first:1"])
    try place.ask([.preview("a", for: .everyone)])
    let worker = try place.startWork()
    #expect(eventually { (try? place.number("select count(*) from in_flight")) == 1 })
    let isGone = eventually(within: 5) {
      worker.kill(SIGTERM)
      return !worker.process.isRunning
    }
    #expect(isGone)
    #expect(worker.finish().status == 143)
    #expect(try place.work("--until-empty").status == 0)
    #expect(try place.delivered() == 1)
    #expect(try place.records().allSatisfy { $0.verdict == "ok" })
  }

  @Test func `a second run on the same queue says who works it and exits 0`() throws {
    let place = try Place()
    let worker = try place.startWork()
    #expect(eventually { WorkerLock.owner(queue: place.queue) != nil })
    let second = try place.work("--once")
    #expect(second.status == 0)
    #expect(second.err.contains("already running on this queue (process \(worker.pid))"))
  }
}
