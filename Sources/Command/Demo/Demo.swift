import Basics
import Larkspur
import Picture
import QueueAccess
import Terminal

/// `demo`: a ticket in nine chats and the morning of an invented company, delivered to a Feishu on
/// this machine.
enum Demo {
  static func run(_ global: GlobalOptions) throws(Failure) -> ExitCode {
    // Print the results after everything is cleaned up: if their reader is gone, the program exits
    // here.
    let report = try perform(global)
    Output.result(global.wantsJSON ? report.object.text : report.text)
    return report.code
  }

  private static func perform(_ global: GlobalOptions) throws(Failure) -> DemoReport {
    let stop = StopRequest(orHangUp: true)
    do throws(Failure) {
      return try perform(global, until: stop)
    } catch {
      // A signal also interrupts waiting for a lock. That error is then not worth reporting.
      try stop.expectNothing()
      throw error
    }
  }

  /// However this ends, the programs it started are stopped and the files it made are removed.
  private static func perform(
    _ global: GlobalOptions, until stop: borrowing StopRequest
  ) throws(Failure) -> DemoReport {
    let folder = try TemporaryFolder("demo")
    defer { folder.remove() }
    let queue = try QueuePlace(flag: "\(folder.path)/queue.db") { _ in nil }

    let backend = try TicketBackend(try queue.intake())
    var sandbox = try DemoPrograms.startSandbox(callback: backend.callbackURL, in: folder.path)
    defer { sandbox.end() }
    let address = try DemoPrograms.address(of: &sandbox, until: stop)
    let story = Story.morning
    global.say(
      "one ticket is in nine chats, and \(story.tickets) more change this morning; delivering to a "
        + "local Feishu")
    global.say("open \(address)/ to see the server's side while the demo runs")

    let intake = try queue.intake()
    try withSentences { () throws(QueueError) in try intake.saw(story.sightings) }
    let screen = DemoScreen(DemoScreen.form(global), tickets: story.tickets)
    var nineChats = NineChats(
      try SandboxClients(address, try queue.inspector()), try queue.inspector(), backend, screen)
    var worker = try DemoPrograms.startWorker(
      queue: queue.path, address: address,
      longest_ms: NineChats.longest_ms + DemoRun.longest_ms + 5_000, in: folder.path)
    defer { worker.end() }
    let first = try nineChats.perform(&sandbox, &worker, until: stop)
    var run = DemoRun(
      story, intake, try queue.inspector(), after: first.outcome, first.screen)
    var report = try run.perform(&sandbox, &worker, until: stop)
    report.page = writePage(of: queue.path)
    return report
  }

  /// The page that `larkspur report` would write, in the current folder, because the queue is about
  /// to be removed. Returns its path. The demo has shown all it has to show without it.
  private static func writePage(of queue: String) -> String? {
    let name = "larkspur-demo.html"
    do throws(Failure) {
      let file = PictureFile(
        name, ReportPage.beginning, fix: "run the demo in a folder that you may write to")
      try file.check()
      try file.write(try Report().page(of: queue, account: nil))
      return resolvedPath(name) ?? name
    } catch {
      Output.sentence(error.sentence)
      return nil
    }
  }
}
