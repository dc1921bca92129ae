import Foundation
import Larkspur
import Planning
import Programs
import Testing

/// The real worker, as `larkspur status` and `larkspur list` see it.
@Suite(.serialized) struct HeartbeatTests {
  private func status(_ place: Place, _ arguments: String...) throws -> String {
    let run = try Programs.run("larkspur", ["status"] + arguments, place.environment)
    #expect(run.status == 0 && run.err == "", "\(run.err)")
    return run.out
  }

  private func sees(_ place: Place, _ text: String, within seconds: Double = 30) throws -> Bool {
    try eventually(within: seconds) { try status(place, "--json").contains(text) }
  }

  @Test func `a worker that works, is stopped, goes on and is killed`() throws {
    let place = try Place()
    try place.ask([.preview("a", for: .everyone)])
    let worker = try place.startWork("--quiet")
    #expect(eventually { (try? place.delivered()) == 1 })
    #expect(try sees(place, #""heartbeat":{"state":"working","pid":\#(worker.pid),"#))
    #expect(try sees(place, #""last_success":"2"#))
    worker.kill(SIGSTOP)
    try place.ask([.preview("b", for: .everyone)])
    #expect(try status(place).contains("working since"))
    #expect(try sees(place, #""state":"not_responding""#))
    #expect(try status(place).contains("not responding: stopped (Ctrl-Z, SIGSTOP) or hung"))
    worker.kill(SIGCONT)
    #expect(try sees(place, #""state":"working""#))
    #expect(eventually { (try? place.delivered()) == 2 })
    worker.kill(SIGKILL)
    _ = worker.finish()
    let text = try status(place)
    #expect(text.contains("worker   no worker is running; start one with 'larkspur work'"))
    #expect(text.contains("the last worker was process \(worker.pid): last look 2"))
    #expect(try status(place, "--json").contains(#""state":"not_running","pid":\#(worker.pid),"#))
  }

  @Test func `an outage is said while it lasts`() throws {
    let place = try Place()
    let worker = try place.startWork("--quiet")
    #expect(eventually { WorkerLock.owner(queue: place.queue) != nil })
    place.killSandbox()
    try place.ask([.preview("a", for: .everyone)])
    #expect(try sees(place, #""reason":"unreachable""#))
    #expect(try status(place).contains("stuck    calls of account 'default': Feishu cannot be"))
    let list = try Programs.run("larkspur", ["list"], place.environment)
    #expect(list.err.hasPrefix("larkspur: stuck: calls of account 'default': Feishu cannot be"))
    let why = try Programs.run("larkspur", ["explain", "a"], place.environment)
    #expect(why.out.contains("Feishu cannot be"), "\(why.out)")
    #expect(try place.number("select count(*) from budgets where state = 'paused'") > 0)
    try place.bringSandboxBack()
    #expect(try sees(place, #""stuck":[]"#, within: 90))
    worker.kill(SIGTERM)
    _ = worker.finish()
  }

  @Test func `a missing secret is said while it is missing, and known afterwards`() throws {
    let place = try Place()
    let file = place.folder.appending(path: "secret").path
    place.set("LARKSPUR_APP_SECRET", "")
    place.set("LARKSPUR_APP_SECRET_FILE", file)
    try place.ask([.preview("a", for: .everyone)])
    let worker = try place.startWork("--quiet")
    #expect(try sees(place, #""stuck":[{"account":"default","reason":"no_secret","calls":null,"#))
    #expect(try status(place).contains("stuck    account 'default' has no app secret: "))
    let waiting = "api in ('auth', 'preview') and why like 'waiting for a secret%'"
    #expect(try place.number("select count(*) from budgets where \(waiting)") == 2)
    worker.kill(SIGTERM)
    _ = worker.finish()
    #expect(try status(place).contains("it was stuck: account 'default' has no app secret: "))
    // A run with an end reports the same.
    #expect(try place.work("--once").status == 77)
    #expect(try status(place, "--json").contains(#""reason":"no_secret""#))
    try "sandbox".write(toFile: file, atomically: true, encoding: .utf8)
    #expect(try place.work("--once").status == 0)
    #expect(try status(place, "--json").contains(#""stuck":[]"#))
  }

  @Test func `no credential is in the lock file`() throws {
    let place = try Place()
    place.set("LARKSPUR_APP_SECRET", "canary-of-the-secret")
    try place.ask([.preview("a", for: .everyone)])
    #expect(try place.work("--once").status == 77)
    let text = try String(contentsOfFile: place.queue + ".worker", encoding: .utf8)
    #expect(text.contains("\nstuck parked default "))
    #expect(!text.contains("canary"))
  }
}
