import Foundation
import Larkspur
import Programs
import Testing

/// The loop itself tells the service manager that it is not hung.
@Suite(.serialized) struct WatchdogTests {
  private let place: Place
  private let manager: Manager
  private static let watchdog_ms = 1_000
  /// Longer than a look at a locked queue takes, which waits for the lock for 2 s.
  private static let patient_ms = 8_000

  init() throws {
    place = try Place()
    manager = try Manager()
    place.set("NOTIFY_SOCKET", manager.address)
    place.set("WATCHDOG_USEC", "\(Self.watchdog_ms * 1_000)")
  }

  private func stop(_ worker: Started) {
    worker.kill(SIGTERM)
    #expect(worker.finish().status == 0)
  }

  /// Whether the next ones come in time. Twice the time that systemd would wait, because the machine is busy.
  private func keepsComing(_ times: Int = 6, every watchdog_ms: Int = watchdog_ms) -> Bool {
    for _ in 0..<times {
      let before = manager.seen()
      let limit = 2 * Double(watchdog_ms) / 1_000
      if !manager.hears("WATCHDOG=1", after: before, within: limit) { return false }
    }
    return true
  }

  /// As /proc tells it; T is stopped.
  private func state(of pid: Int32) -> String {
    let line = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
    return line.split(separator: ")").last?.split(separator: " ").first.map(String.init) ?? ""
  }

  @Test func `it keeps coming while the worker is idle, and not from one that is stopped`() throws {
    let worker = try place.startWork("--quiet")
    #expect(manager.hears("READY=1"))
    #expect(keepsComing())
    worker.kill(SIGSTOP)
    #expect(eventually { state(of: worker.pid) == "T" })
    // What it sent before it stopped is in the socket.
    let before = manager.seen()
    usleep(UInt32(3 * Self.watchdog_ms * 1_000))
    #expect(manager.seen() == before, "\(manager.datagrams)")
    worker.kill(SIGCONT)
    #expect(keepsComing(2))
    stop(worker)
  }

  @Test func `it comes at half of the time, and not more often`() throws {
    let worker = try place.startWork("--quiet")
    #expect(manager.hears("READY=1"))
    let before = manager.count("WATCHDOG=1")
    usleep(4_000_000)
    let count = manager.count("WATCHDOG=1") - before
    #expect((2...9).contains(count), "\(count) in 4 s")
    stop(worker)
  }

  @Test func `it keeps coming through an outage`() throws {
    let worker = try place.startWork("--quiet")
    #expect(manager.hears("READY=1"))
    place.killSandbox()
    try place.ask([.preview("a", for: .everyone)])
    #expect(
      eventually {
        (try? place.number("select count(*) from budgets where state = 'paused'")) ?? 0 > 0
      })
    #expect(keepsComing())
    #expect(manager.count("READY=1") == 1)
    stop(worker)
  }

  @Test(arguments: [true, false])
  func `it keeps coming while another program locks the queue`(fromStart: Bool) throws {
    try place.ask([.preview("a", for: .everyone)])
    place.set("WATCHDOG_USEC", "\(Self.patient_ms * 1_000)")
    let shell = try Shell(place.queue)
    if fromStart { try shell.run("begin immediate;") }
    let worker = try place.startWork("--quiet")
    if !fromStart {
      #expect(manager.hears("STATUS=waiting for asks; 1 done"))
      try shell.run("pragma busy_timeout = 5000;")
      // It needs the lock to take this in, or else once it is due.
      try shell.run(
        "insert into ask (lane, body, after_ms) values ('b', '{\"everyone\":true}', 3000); "
          + "begin immediate;")
    }
    #expect(manager.hears("STATUS=waiting for the queue"), "\(manager.datagrams)")
    #expect(keepsComing(3, every: Self.patient_ms))
    try shell.run("commit;")
    #expect(manager.hears("STATUS=waiting for asks"), "\(manager.datagrams)")
    stop(worker)
  }

  @Test func `a watchdog that is another process's is left to it`() throws {
    place.set("WATCHDOG_PID", "1")
    let worker = try place.startWork("--quiet")
    #expect(manager.hears("READY=1"))
    usleep(2_000_000)
    #expect(manager.count("WATCHDOG=1") == 0)
    stop(worker)
  }
}
