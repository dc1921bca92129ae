import Basics
import Foundation
import Testing

@testable import Larkspur

struct QueueFileTests {
  func failure(_ path: String, creating: Bool = true) -> QueueError? {
    do {
      _ = try QueueFile.open(path, creating: creating, patience_ms: 50)
      return nil
    } catch {
      return error
    }
  }

  @Test func `a queue is made for its owner alone`() throws {
    let folder = try TemporaryFolder()
    let connection = try QueueFile.open(folder.queue, creating: true)
    try connection.execute("insert into ask (lane, body) values ('a', '{\"everyone\":true}')")
    for name in ["queue.db", "queue.db-wal", "queue.db-shm"] {
      let mode = try FileManager.default.attributesOfItem(atPath: folder.file(name))[
        .posixPermissions]
      #expect(mode as? Int == 0o600, "\(name)")
    }
  }

  @Test func `an empty file becomes a queue`() throws {
    let folder = try TemporaryFolder()
    try Data().write(to: URL(filePath: folder.queue))
    #expect(failure(folder.queue) == nil)
  }

  @Test func `looking at a queue that is not there says how to make one`() throws {
    let folder = try TemporaryFolder()
    let error = failure(folder.queue, creating: false)
    #expect(error?.kind == .missing)
    #expect(error?.description.contains("larkspur init") == true)
    #expect(!FileManager.default.fileExists(atPath: folder.queue))
  }

  @Test func `a folder is not a queue`() throws {
    let folder = try TemporaryFolder()
    #expect(failure(folder.path)?.description.contains("is a folder") == true)
  }

  @Test func `a folder that is missing is named`() throws {
    let folder = try TemporaryFolder()
    #expect(failure(folder.file("no/queue.db"))?.kind == .cannotCreate)
  }

  @Test func `a file that is no database is left as it is`() throws {
    let folder = try TemporaryFolder()
    let text = Data(repeating: 65, count: 5_000)
    try text.write(to: URL(filePath: folder.queue))
    #expect(failure(folder.queue)?.description.contains("not a database") == true)
    #expect(FileManager.default.contents(atPath: folder.queue) == text)
  }

  @Test func `another program's database is left as it is`() throws {
    let folder = try TemporaryFolder()
    try Data().write(to: URL(filePath: folder.queue))
    try Connection(path: folder.queue, mode: .readWrite).run(script: "create table theirs (x)")
    #expect(failure(folder.queue)?.description.contains("not a Larkspur queue") == true)
  }

  @Test func `a queue made by a newer program is refused by name`() throws {
    let folder = try TemporaryFolder()
    let connection = try QueueFile.open(folder.queue, creating: true)
    try connection.run(script: "pragma user_version = 99")
    let sentence = failure(folder.queue)?.description
    #expect(sentence?.contains("newer Larkspur") == true)
    #expect(sentence?.contains(larkspurVersion) == true)
  }

  @Test func `a damaged queue is told from an empty one`() throws {
    let folder = try TemporaryFolder()
    do { _ = try QueueFile.open(folder.queue, creating: true) }
    let file = try FileHandle(forUpdating: URL(filePath: folder.queue))
    try file.seek(toOffset: 100)
    try file.write(contentsOf: Data(repeating: 0xff, count: 3_000))
    try file.close()
    #expect(failure(folder.queue)?.kind == .cannotUse)
  }

  @Test func `a link that somebody has planted is not followed to a new file`() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createSymbolicLink(
      atPath: folder.queue, withDestinationPath: folder.file("victim"))
    #expect(failure(folder.queue)?.kind == .cannotCreate)
    #expect(!FileManager.default.fileExists(atPath: folder.file("victim")))
  }

  @Test func `a lock held by another program is waited for, and then named`() throws {
    let folder = try TemporaryFolder()
    let holder = try QueueFile.open(folder.queue, creating: true)
    try holder.run(script: "begin immediate")
    let other = try QueueFile.open(folder.queue, creating: true, patience_ms: 50)
    do throws(StoreError) {
      try other.execute("begin immediate")
      Issue.record("the lock was not there")
    } catch {
      #expect(error.kind == .busy)
      #expect(QueueError(error, path: "q").kind == .busy)
    }
  }

  @Test func `many that make the queue at one instant all succeed`() async throws {
    for _ in 0..<20 {
      let folder = try TemporaryFolder()
      let path = folder.queue
      await withTaskGroup(of: QueueError?.self) { group in
        for _ in 0..<4 {
          group.addTask {
            do throws(QueueError) {
              _ = try QueueFile.open(path, creating: true)
              return nil
            } catch {
              return error
            }
          }
        }
        for await error in group { #expect(error == nil) }
      }
    }
  }
}

struct MigratorTests {
  @Test func `every file under migrations is compiled in`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let files = try FileManager.default.contentsOfDirectory(
      atPath: root.appending(path: "migrations").path
    ).filter { $0.hasSuffix(".sql") }.sorted()
    #expect(files.count == Migrator.steps.count)
    for (file, step) in zip(files, Migrator.steps) {
      let text = try Data(contentsOf: root.appending(path: "migrations/\(file)"))
      #expect(Data(step) == text, "\(file)")
    }
  }

  @Test func `every table is strict`() throws {
    let queue = try QueueFile.inMemory()
    let lax = try queue.all(
      """
      select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'
        and sql not like '%) strict%'
      """
    ) { (row) throws(StoreError) in row.text(0) }
    #expect(lax == [])
  }
}

struct WorkerLockTests {
  @Test func `a queue has one worker, and everybody can see who it is`() throws {
    let folder = try TemporaryFolder()
    #expect(WorkerLock.owner(queue: folder.queue) == nil)
    guard case .taken(let lock) = try WorkerLock.take(queue: folder.queue) else {
      Issue.record("the lock of a new queue was held")
      return
    }
    #expect(WorkerLock.owner(queue: folder.queue) == "process \(getpid())")
    switch try WorkerLock.take(queue: folder.queue) {
    case .taken: Issue.record("two workers")
    case .held(let owner): #expect(owner == "process \(getpid())")
    }
    _ = consume lock
    #expect(WorkerLock.owner(queue: folder.queue) == nil)
  }

  @Test func `a link to a queue leads to the same lock, and its log can be watched`() throws {
    let folder = try TemporaryFolder()
    let connection = try QueueFile.open(folder.queue, creating: true)
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("link.db"), withDestinationPath: folder.queue)
    #expect(WorkerLock.path(of: folder.file("link.db")) == WorkerLock.path(of: folder.queue))
    _ = try QueueWatch(queue: folder.file("link.db"), at: 0)
    _ = consume connection
  }

  @Test func `a link planted at the lock's place is not followed`() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createSymbolicLink(
      atPath: WorkerLock.path(of: folder.queue), withDestinationPath: folder.file("victim"))
    #expect(throws: QueueError.self) { _ = try WorkerLock.take(queue: folder.queue) }
    #expect(!FileManager.default.fileExists(atPath: folder.file("victim")))
  }
}

struct QueueWatchTests {
  @Test func `a commit by anybody is noticed`() throws {
    let folder = try TemporaryFolder()
    let reader = try QueueFile.open(folder.queue, creating: true)
    var watch = try QueueWatch(queue: folder.queue, at: 0)
    let writer = try Intake(queue: folder.queue)
    watch.take(at: 0)
    let before = try reader.first("pragma data_version") { (row) throws(StoreError) in row.int(0) }
    _ = try writer.add([.preview("a", for: .everyone)])
    let wasNoticed = watch.take(at: 5)
    #expect(wasNoticed)
    let after = try reader.first("pragma data_version") { (row) throws(StoreError) in row.int(0) }
    #expect(after != before)
  }

  @Test func `a program that closes the queue is told from one that goes on writing`() throws {
    let folder = try TemporaryFolder()
    let reader = try QueueFile.open(folder.queue, creating: true)
    var watch = try QueueWatch(queue: folder.queue, at: 0)
    do {
      let writer = try Intake(queue: folder.queue)
      _ = try writer.add([.preview("a", for: .everyone)])
      watch.take(at: 1)
      let wasClosed = watch.wasClosed
      #expect(!wasClosed)
    }
    watch.take(at: 2)
    let wasClosed = watch.wasClosed
    #expect(wasClosed)
    try reader.execute("update worker set control = control + 1")
    watch.take(at: 3)
    let isClosedStill = watch.wasClosed
    #expect(!isClosedStill)
  }

  @Test func `after a notice it looks again ever more rarely`() throws {
    let folder = try TemporaryFolder()
    let writer = try Intake(queue: folder.queue)
    var watch = try QueueWatch(queue: folder.queue, at: 0)
    _ = try writer.add([.preview("a", for: .everyone)])
    watch.take(at: 1_000)
    #expect(
      [1_000, 1_001, 1_002, 1_004, 1_500].map { watch.patience_ms(at: $0) } == [1, 1, 2, 4, 500])
  }

  @Test func `when nobody is in the middle of a commit, it looks no more without a notice`() throws
  {
    let folder = try TemporaryFolder()
    let writer = try Intake(queue: folder.queue)
    var watch = try QueueWatch(queue: folder.queue, at: 0)
    _ = try writer.add([.preview("a", for: .everyone)])
    watch.take(at: 1_000)
    watch.expectNothing()
    let patience_ms = watch.patience_ms(at: 1_001)
    #expect(patience_ms > 3_600_000)
    _ = try writer.add([.preview("b", for: .everyone)])
    watch.take(at: 2_000)
    let again_ms = watch.patience_ms(at: 2_000)
    #expect(again_ms == 1)
  }
}
