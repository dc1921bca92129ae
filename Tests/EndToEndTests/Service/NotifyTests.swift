import Foundation
import Larkspur
import Programs
import Testing

/// What the real worker tells a service manager such as systemd.
@Suite(.serialized) struct NotifyTests {
  private let place: Place
  private let manager: Manager

  init() throws {
    place = try Place()
    manager = try Manager()
    place.set("NOTIFY_SOCKET", manager.address)
  }

  private func stop(_ worker: Started, says status: Int32 = 0) {
    worker.kill(SIGTERM)
    let end = worker.finish()
    #expect(end.status == status, "\(end.err)")
  }

  @Test(arguments: [false, true])
  func `it is ready once it works, at a path and at an abstract name`(isPath: Bool) throws {
    let manager = isPath ? try Manager(at: place.folder.appending(path: "notify").path) : manager
    place.set("NOTIFY_SOCKET", manager.address)
    try place.ask([.preview("a", for: .everyone)])
    let worker = try place.startWork()
    #expect(manager.hears("READY=1"))
    #expect(WorkerLock.owner(queue: place.queue) != nil)
    #expect(worker.errors.contains("started larkspur"))
    #expect(manager.hears("STATUS=waiting for asks; 1 done"), "\(manager.datagrams)")
    stop(worker)
    #expect(manager.count("READY=1") == 1 && manager.count("STOPPING=1") == 1)
    #expect(manager.count("WATCHDOG=1") == 0)
    // Each datagram is a message of its own, and each line an assignment.
    #expect(manager.read().allSatisfy { $0.contains("=") }, "\(manager.datagrams)")
  }

  @Test(arguments: [true, false])
  func `it is not ready while another program locks the queue`(toOpen: Bool) throws {
    try place.ask([.preview("a", for: .everyone)])
    let shell = try Shell(place.queue)
    if toOpen { try shell.run("pragma journal_mode = delete;") }
    try shell.run("begin immediate;")
    let worker = try place.startWork()
    #expect(manager.hears("EXTEND_TIMEOUT_USEC=30000000"))
    #expect(manager.hears("STATUS="))
    // It asks for more time again and again, and the second time shows that it still waits.
    #expect(eventually { manager.count("EXTEND_TIMEOUT_USEC=30000000") > 1 })
    #expect(manager.count("READY=1") == 0)
    try shell.run("commit;")
    try shell.end()
    #expect(manager.hears("READY=1"))
    stop(worker)
  }

  @Test func `a worker that cannot start says why, and is never ready`() throws {
    place.set("LARKSPUR_APP_ID", "")
    let run = try place.work()
    #expect(run.status == 78)
    #expect(manager.read().count == 1)
    #expect(manager.hears("STATUS=LARKSPUR_APP_ID is not set"), "\(manager.datagrams)")
  }

  @Test func `a worker that finds another one says so and leaves`() throws {
    place.set("NOTIFY_SOCKET", "")
    let first = try place.startWork()
    #expect(eventually { WorkerLock.owner(queue: place.queue) != nil })
    place.set("NOTIFY_SOCKET", manager.address)
    let second = try place.work()
    #expect(second.status == 0)
    #expect(
      manager.read() == [
        "READY=1",
        "STATUS=a worker is already running on this queue (process \(first.pid)); this run exits",
      ])
    stop(first)
  }

  @Test func `a reload begins and ends`() throws {
    // SIGHUP asks for one only without a terminal.
    let worker = try OwnSession(.none, Programs.path("larkspur-work"), [], place.environment)
    #expect(manager.hears("READY=1"))
    for round in 1...2 {
      let before = manager.seen()
      worker.send(SIGHUP)
      #expect(manager.hears("READY=1", after: before))
      let lines = manager.read().dropFirst(before)
      #expect(lines.first == "RELOADING=1", "round \(round): \(lines)")
      let moment = lines.dropFirst().first.flatMap { Int($0.dropFirst("MONOTONIC_USEC=".count)) }
      let now = Int(clock_gettime_nsec(CLOCK_MONOTONIC) / 1_000)
      #expect(moment.map { (now - 30_000_000...now).contains($0) } == true, "\(lines)")
    }
    worker.send(SIGTERM)
    #expect(worker.end() == 0)
  }

  @Test func `it says that it stops before it has stopped`() throws {
    place.killSandbox()
    try place.bringSandboxBack(with: ["--latency", "3s"])
    try place.ask([.preview("a", for: .everyone)])
    let worker = try place.startWork()
    #expect(eventually { (try? place.number("select count(*) from in_flight")) == 1 })
    worker.kill(SIGTERM)
    #expect(manager.hears("STOPPING=1"))
    #expect(worker.process.isRunning)
    #expect(worker.finish().status == 0)
    #expect(try place.delivered() == 1)
    #expect(manager.count("STOPPING=1") == 1)
    #expect(manager.hears("STATUS=stopping; "))
  }

  @Test func `a socket that is not there does no harm`() throws {
    let nowhere = place.folder.appending(path: "nowhere").path
    for address in [nowhere, "@larkspur-nobody-\(UUID())", "vsock:2:1", "x", "/", "@"] {
      place.set("NOTIFY_SOCKET", address)
      try place.ask([.preview("a", for: .everyone)])
      let run = try place.work("--until-empty")
      #expect(run.status == 0 && run.err == "", "\(address): \(run.err)")
    }
  }

  @Test func `a manager that reads nothing is not waited for`() throws {
    // Far more datagrams than its queue holds.
    place.set("WATCHDOG_USEC", "2000")
    let worker = try place.startWork()
    #expect(eventually { WorkerLock.owner(queue: place.queue) != nil })
    usleep(1_000_000)
    try place.ask([.preview("a", for: .everyone)])
    #expect(eventually(within: 20) { (try? place.delivered()) == 1 })
    stop(worker)
    #expect(manager.count("WATCHDOG=1") > 5)
  }
}

private func clock_gettime_nsec(_ clock: clockid_t) -> UInt64 {
  var time = timespec()
  clock_gettime(clock, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
