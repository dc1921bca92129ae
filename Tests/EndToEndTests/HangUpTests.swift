import Foundation
import Programs
import Testing

/// A terminal that is closed, and SIGHUP without a terminal.
@Suite(.serialized) struct HangUpTests {
  private func start(
    _ terminal: OwnSession.Terminal, _ place: Place, _ arguments: String...
  ) throws -> OwnSession {
    try OwnSession(terminal, Programs.path("larkspur-work"), arguments, place.environment)
  }

  private func isDelivering(_ place: Place, _ token: String) throws -> Bool {
    let ask = try place.ask([.preview(token, for: .everyone)])
    return eventually(within: 20) { (try? place.delivered()) == ask[0] }
  }

  @Test func `a closed terminal ends a worker like SIGTERM: the answer is waited for`() throws {
    let place = try Place(sandbox: ["--latency", "2s"])
    try place.ask([.preview("a", for: .everyone)])
    let worker = try start(.own, place)
    #expect(eventually { (try? place.number("select count(*) from in_flight")) == 1 })
    worker.closeTerminal()
    #expect(worker.end() == 0)
    #expect(try place.delivered() == 1)
    #expect(try place.number("select count(*) from in_flight") == 0)
  }

  @Test func `a shell that ends with its terminal sends it twice, which does not hurry the end`()
    throws
  {
    let place = try Place(sandbox: ["--latency", "2s"])
    try place.ask([.preview("a", for: .everyone)])
    let worker = try start(.own, place)
    #expect(eventually { (try? place.number("select count(*) from in_flight")) == 1 })
    for _ in 0..<3 {
      worker.send(SIGHUP)
      usleep(50_000)
    }
    #expect(worker.end() == 0)
    #expect(try place.delivered() == 1)
  }

  @Test func `without a terminal, as under systemd and cron, it works on`() throws {
    let place = try Place()
    let worker = try start(.none, place)
    #expect(try isDelivering(place, "a"))
    worker.send(SIGHUP)
    #expect(try isDelivering(place, "b"))
    #expect(worker.isRunning)
    worker.send(SIGTERM)
    #expect(worker.end() == 0, "\(worker.output)")
  }

  @Test func `under nohup it outlives its terminal`() throws {
    let place = try Place()
    let worker = try OwnSession(
      .own, "/bin/sh", ["-c", "trap '' HUP; exec \"$0\"", Programs.path("larkspur-work")],
      place.environment)
    #expect(try isDelivering(place, "a"))
    worker.closeTerminal()
    worker.send(SIGHUP)
    #expect(try isDelivering(place, "b"))
    worker.send(SIGTERM)
    #expect(worker.end() == 0)
  }

  @Test func `on a terminal, a run with a time limit never claims to last until Ctrl-C`() throws {
    let place = try Place()
    let worker = try start(.own, place, "--for", "2s")
    #expect(worker.end() == 0)
    let text = worker.read()
    #expect(text.contains("running for 2.0 s more"), "\(text)")
    #expect(!text.contains("until Ctrl-C"), "\(text)")
  }
}
