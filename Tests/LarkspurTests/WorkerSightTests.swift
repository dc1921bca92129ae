import Foundation
import Planning
import Testing

@testable import Larkspur

/// What other programs learn about a worker from its lock file.
struct WorkerSightTests {
  let folder: TemporaryFolder
  private var path: String { WorkerLock.path(of: folder.queue) }
  private let look = Heartbeat.Look(
    wall: WallMoment(ms: 2_000), sinceBoot: BootMoment(ms: 300), next: BootMoment(ms: 400),
    lastCall: WallMoment(ms: 1_900), lastSuccess: WallMoment(ms: 1_800),
    stuck: [Stuck(.unreachable, account: "shop", why: "no route")])

  init() throws { folder = try TemporaryFolder() }

  private func take() throws -> WorkerLock {
    switch try WorkerLock.take(queue: folder.queue) {
    case .taken(let lock): return lock
    case .held: throw CocoaError(.fileLocking)
    }
  }

  private func pen(_ lock: borrowing WorkerLock) throws -> HeartbeatPen {
    guard let pen = lock.pen(boot: "boot-1", at: WallMoment(ms: 1_000)) else {
      throw CocoaError(.fileWriteUnknown)
    }
    return pen
  }

  private func sight() -> WorkerSight { WorkerLock.sight(queue: folder.queue) }

  private var heartbeat: Heartbeat? {
    switch sight() {
    case .worker(_, let heartbeat): heartbeat
    case .nobody(let last): last
    case .hidden: nil
    }
  }

  @Test func `a worker says who it is and how it is doing`() throws {
    let lock = try take()
    #expect(sight() == .worker(owner: "process \(getpid())", nil))
    try pen(lock).write(look)
    let said = try #require(heartbeat)
    #expect(sight() == .worker(owner: "process \(getpid())", said))
    #expect(said.pid == Int(getpid()) && said.boot == "boot-1" && said.look == look)
    #expect(said.started == WallMoment(ms: 1_000))
    _ = consume lock
  }

  @Test func `after its end it is known how it was`() throws {
    do {
      let lock = try take()
      try pen(lock).write(look)
      _ = consume lock
    }
    guard case .nobody(let last?) = sight() else {
      Issue.record("\(sight())")
      return
    }
    #expect(last.look == look)
  }

  @Test func `the next one starts afresh, and keeps when a call last succeeded`() throws {
    do {
      let lock = try take()
      try pen(lock).write(look)
      _ = consume lock
    }
    let lock = try take()
    #expect(sight() == .worker(owner: "process \(getpid())", nil))
    try pen(lock).write(Heartbeat.Look(wall: .zero, sinceBoot: .zero, next: .zero))
    #expect(heartbeat?.look.lastSuccess == look.lastSuccess)
    #expect(heartbeat?.look.lastCall == look.lastCall)
    #expect(heartbeat?.look.stuck == [])
    _ = consume lock
  }

  @Test func `a long one leaves nothing behind it`() throws {
    let lock = try take()
    let pen = try pen(lock)
    var long = look
    long.stuck = (0..<20).map { Stuck(.queue, account: "a\($0)", why: "because of it") }
    pen.write(long)
    pen.write(look)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(!text.contains("because of it"))
    #expect(text.utf8.count == 4_096 && text.hasSuffix(" \n"))
    #expect(text.split(separator: "\n").count { $0.hasPrefix("end ") } == 1)
    _ = consume lock
  }

  @Test func `telling which files are open leaves the heartbeat alone, and the other way round`()
    throws
  {
    let queue = try QueueFile.open(folder.queue, creating: true)
    let lock = try take()
    try pen(lock).write(look)
    let files = try #require(SideFiles(QueueFile.realPath(folder.queue)))
    WorkerLock.tell(files)
    #expect(heartbeat?.look == look)
    try pen(lock).write(look)
    #expect(WorkerLock.filesOfWorker(queue: folder.queue) == files.text)
    #expect(WorkerLock.owner(queue: folder.queue) == "process \(getpid())")
    _ = consume lock
    _ = consume queue
  }

  @Test func `having the pen is not having the lock`() throws {
    let lock = try take()
    let pen = try pen(lock)
    _ = consume lock
    guard case .nobody = sight() else {
      Issue.record("the pen holds the lock")
      return
    }
    let next = try take()
    // Closing the pen does not release the lock either.
    withExtendedLifetime(pen) {}
    guard case .worker = sight() else {
      Issue.record("the lock went with the pen")
      return
    }
    _ = consume next
  }

  @Test func `closing the pen unlocks nothing`() throws {
    let lock = try take()
    do { try pen(lock).write(look) }
    if case .taken = try WorkerLock.take(queue: folder.queue) { Issue.record("two workers") }
    _ = consume lock
  }

  @Test func `a lock file that was put in its place is not written to`() throws {
    let lock = try take()
    try FileManager.default.removeItem(atPath: path)
    try Data("theirs".utf8).write(to: URL(filePath: path))
    let pen = lock.pen(boot: nil, at: .zero)
    #expect(pen == nil)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "theirs")
    _ = consume lock
  }

  @Test(arguments: ["", "process 12\n", "process 12\nfiles 1:2 1:3\n", "\u{0}\u{1b}[31m"])
  func `a file of an older version is no heartbeat, and is locked like another`(text: String) throws
  {
    try Data(text.utf8).write(to: URL(filePath: path))
    #expect(sight() == .nobody(last: nil))
    let lock = try take()
    #expect(sight() == .worker(owner: "process \(getpid())", nil))
    _ = consume lock
  }

  @Test func `noise is no heartbeat, with a worker and without`() throws {
    let lock = try take()
    for length in [10, 256, 4_096, 100_000] {
      let noise = Data((0..<length).map { _ in UInt8.random(in: 0...255) })
      let file = try FileHandle(forWritingTo: URL(filePath: path))
      try file.write(contentsOf: noise)
      try file.close()
      #expect(heartbeat == nil)
      #expect(sight().owner != nil)
    }
    _ = consume lock
    #expect(heartbeat == nil)
  }

  @Test func `what another process has said is not told of this one`() throws {
    let lock = try take()
    try pen(lock).write(look)
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    try file.write(contentsOf: Data("process 1\n".utf8))
    try file.close()
    #expect(sight() == .worker(owner: "process 1", nil))
    _ = consume lock
  }

  @Test func `without a lock file nobody works`() {
    #expect(sight() == .nobody(last: nil))
    #expect(sight().owner == nil)
  }

  @Test(.enabled(if: getuid() != 0, "root may read everything"))
  func `a file that may not be read hides the worker`() throws {
    let lock = try take()
    chmod(path, 0)
    #expect(sight() == .hidden(EACCES))
    #expect(WorkerLock.owner(queue: folder.queue) != nil)
    _ = consume lock
  }
}
