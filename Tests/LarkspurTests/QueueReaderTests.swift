import Foundation
import Testing

@testable import Larkspur

/// Looking at a queue without changing it.
struct QueueReaderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func make() throws {
    _ = try Intake(queue: folder.queue).add([.preview("t", for: .everyone)])
  }

  private func asks() throws -> Int? {
    try QueueReader.look(at: folder.queue) { (reader) throws(StoreError) in
      try reader.number("select count(*) from ask")
    }
  }

  /// Everything in the folder: names, contents and times.
  private func snapshot() throws -> [String: [String]] {
    var all: [String: [String]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      let data = try Data(contentsOf: URL(filePath: folder.file(name)))
      let attributes = try FileManager.default.attributesOfItem(atPath: folder.file(name))
      all[name] = [
        data.base64EncodedString(), "\(attributes[.modificationDate] ?? "")",
        "\(attributes[.posixPermissions] ?? "")",
      ]
    }
    return all
  }

  @Test func `a queue that nobody has open is read, and nothing is created beside it`() throws {
    try make()
    let before = try snapshot()
    #expect(before.keys.sorted() == ["queue.db"])
    #expect(try asks() == 1)
    #expect(try snapshot() == before)
  }

  @Test func `an older schema is not migrated`() throws {
    try make()
    try Connection(path: folder.queue, mode: .readWrite).run(script: "pragma user_version = 3")
    try? FileManager.default.removeItem(atPath: folder.file("queue.db-shm"))
    let before = try snapshot()
    let version = try QueueReader.look(at: folder.queue) { (reader) throws(StoreError) in
      try reader.number("pragma user_version")
    }
    #expect(version == 3)
    #expect(try snapshot() == before)
  }

  @Test func `what is only in the log is read, while programs have the queue open`() throws {
    let intake = try Intake(queue: folder.queue)
    _ = try intake.add([.preview("t", for: .everyone)])
    #expect(try asks() == 1)
    // The reading has not kept anybody from writing.
    _ = try intake.add([.preview("u", for: .everyone)])
    #expect(try asks() == 2)
  }

  @Test func `a queue is read again if it was opened meanwhile`() throws {
    try make()
    var looks = 0
    var writer: WorkerStore?
    let found = try QueueReader.look(at: folder.queue) { (reader) throws(StoreError) in
      looks += 1
      if looks == 1 {
        writer = try? WorkerStore(queue: folder.queue)
        try writer?.db.execute("insert into ask (lane, body) values ('u', '{\"everyone\":true}')")
      }
      return try reader.number("select count(*) from ask")
    }
    #expect(looks == 2 && found == 2)
    _ = writer
  }

  @Test func `nothing can be written through it`() throws {
    try make()
    #expect(throws: StoreError.self) {
      try QueueReader.look(at: folder.queue) { (reader) throws(StoreError) in
        _ = try reader.rows("delete from ask")
      }
    }
    #expect(try asks() == 1)
  }

  @Test func `a query that takes too long is interrupted`() throws {
    try make()
    let error = #expect(throws: StoreError.self) {
      try QueueReader.look(at: folder.queue) { (reader) throws(StoreError) in
        _ = try reader.rows(
          "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n",
          within: 50)
      }
    }
    #expect(error?.isInterruption == true)
    #expect(try asks() == 1)
  }

  @Test(arguments: ["a%20b?c#d.db", "with space.db", "ünïcode.db"])
  func `odd names are names`(name: String) throws {
    let path = folder.file(name)
    _ = try Intake(queue: path).add([.preview("t", for: .everyone)])
    let found = try QueueReader.look(at: path) { (reader) throws(StoreError) in
      try reader.number("select count(*) from ask")
    }
    #expect(found == 1)
  }

  @Test func `a file that is no database, and one that is damaged, are told apart`() throws {
    try Data("not a database, not a database".utf8).write(to: URL(filePath: folder.queue))
    let other = #expect(throws: StoreError.self) { try asks() }
    #expect(other?.isOfOtherFile == true && other?.isOfDamagedFile == false)
    let missing = #expect(throws: StoreError.self) {
      try QueueReader.look(at: "/nowhere/queue.db") { (_) throws(StoreError) in }
    }
    #expect(missing?.message == "no such file or directory")
  }
}

struct LogBacklogTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The kernel's list, with locks on the index of the log: these processes have locked these bytes.
  private func list(_ locks: (pid: Int, kind: String, byte: Int)...) throws -> String {
    var info = stat()
    stat(folder.queue + "-shm", &info)
    let lines = locks.enumerated().map { number, lock in
      "\(number + 1): POSIX  ADVISORY  \(lock.kind) \(lock.pid) fe:00:\(info.st_ino) \(lock.byte) "
        + "\(lock.byte)"
    }
    let text = (lines + ["9: -> POSIX  ADVISORY  WRITE 9 fe:00:\(info.st_ino) 124 124"])
      .joined(separator: "\n")
    try text.write(toFile: folder.file("locks"), atomically: false, encoding: .utf8)
    return folder.file("locks")
  }

  @Test func `without a log there is nothing to write back`() throws {
    _ = try Intake(queue: folder.queue).add([.preview("t", for: .everyone)])
    #expect(LogBacklog(queue: folder.queue) == nil)
  }

  @Test func `who reads an old state is found, and nobody else`() throws {
    let intake = try Intake(queue: folder.queue)
    _ = try intake.add([.preview("t", for: .everyone)])
    // The mark of byte 123 always stands for the database alone. That of 124 is the newest state.
    let reader = try QueueFile.open(folder.queue, creating: false)
    try reader.run(script: "begin; select count(*) from ask; commit")
    let locks = try list(
      (pid: 11, kind: "READ ", byte: 128), (pid: 12, kind: "READ ", byte: 123),
      (pid: 13, kind: "WRITE", byte: 120))
    let backlog = LogBacklog(queue: folder.queue, locks: locks)
    #expect(backlog?.isOpen == true)
    #expect(backlog?.readers == [12])
    #expect((backlog?.size ?? 0) > 0)
  }

  @Test func `where the kernel tells nothing, nothing is claimed`() throws {
    let intake = try Intake(queue: folder.queue)
    _ = try intake.add([.preview("t", for: .everyone)])
    let backlog = LogBacklog(queue: folder.queue, locks: "/nowhere/locks")
    #expect(backlog?.isOpen == nil && backlog?.readers == [])
    _ = intake
  }
}
