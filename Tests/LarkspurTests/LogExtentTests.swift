import Foundation
import Testing

@testable import Larkspur

/// Whether a log still holds what its index refers to.
struct LogExtentTests {
  let folder: TemporaryFolder
  let connection: QueueLink

  init() throws {
    folder = try TemporaryFolder()
    connection = try QueueLink(folder.queue, creating: true)
    for _ in 0..<3 { try write() }
  }

  private func write() throws {
    try connection.db.execute("insert into ask (lane, body) values ('a', '{\"everyone\":true}')")
  }

  private var log: String { SideFiles.log(of: folder.queue) }
  private var isWhole: Bool { connection.db.sideFiles?.files.isLogWhole ?? false }

  private func withLog(_ body: (FileHandle) throws -> Void) throws {
    let file = try FileHandle(forUpdating: URL(filePath: log))
    try body(file)
    try file.close()
  }

  @Test func `a log is whole after commits, and after it was copied and begun again`() throws {
    #expect(isWhole)
    try connection.db.run(script: "pragma wal_checkpoint(restart)")
    #expect(isWhole)
    try write()
    #expect(isWhole)
    try connection.db.run(script: "pragma wal_checkpoint(truncate)")
    #expect(isWhole)
  }

  @Test(arguments: [20, 40, 56, 4_000]) func `a byte that has changed is noticed`(place: Int) throws
  {
    try withLog { file in
      try file.seek(toOffset: UInt64(place))
      let byte = try #require(try file.read(upToCount: 1)?.first)
      try file.seek(toOffset: UInt64(place))
      try file.write(contentsOf: Data([byte ^ 1]))
    }
    #expect(!isWhole)
  }

  @Test func `a log that is too short is noticed`() throws {
    try withLog { file in try file.truncate(atOffset: try file.seekToEnd() - 1) }
    #expect(!isWhole)
  }

  @Test func `a log that was removed is still read`() throws {
    try FileManager.default.removeItem(atPath: log)
    #expect(isWhole)
  }

  private var mayBeWritten: Bool { connection.db.sideFiles?.files.mayBeWrittenNow ?? true }

  @Test func `between commits nobody is in the middle of writing`() throws {
    #expect(!mayBeWritten)
    try connection.db.run(script: "pragma wal_checkpoint(restart)")
    #expect(!mayBeWritten)
    try write()
    #expect(!mayBeWritten)
    try connection.db.run(script: "pragma wal_checkpoint(truncate)")
    #expect(!mayBeWritten)
  }

  @Test func `a transaction that has written to the log, and is not visible, is noticed`() throws {
    try connection.db.run(script: "pragma cache_size = 1; begin immediate")
    for _ in 0..<50 { try write() }
    try connection.db.run(script: "pragma cache_spill = 1")
    for _ in 0..<50 { try write() }
    #expect(mayBeWritten)
    try connection.db.run(script: "commit")
    #expect(!mayBeWritten)
  }

  /// A write by another program that has the same log open with a new index.
  private func writeBeside() throws {
    let beside = try Process.run(
      URL(filePath: "/usr/bin/env"),
      arguments: [
        "sqlite3", folder.queue, "insert into ask (lane, body) values ('b', '{\"everyone\":true}')",
      ])
    beside.waitUntilExit()
    #expect(beside.terminationStatus == 0)
  }

  @Test func `what another index has appended is whole, until this one writes over it`() throws {
    try FileManager.default.removeItem(atPath: SideFiles.index(of: folder.queue))
    try writeBeside()
    #expect(isWhole)
    try write()
    #expect(!isWhole)
  }
}
