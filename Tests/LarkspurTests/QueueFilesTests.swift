import Foundation
import Testing

@testable import Larkspur

struct CopyTests {
  private static let migrations = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "migrations")

  private static let files: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: migrations.path)) ?? [])
    .filter { $0.hasSuffix(".sql") }.sorted()

  /// The tables of a queue made by an older program, without that program's marks.
  private func makeUnmarked(_ folder: TemporaryFolder, schema: Int) throws {
    try Data().write(to: URL(filePath: folder.queue))
    let db = try Connection(path: folder.queue, mode: .readWrite)
    for file in Self.files.prefix(schema) {
      try db.run(
        script: try String(contentsOf: Self.migrations.appending(path: file), encoding: .utf8))
    }
  }

  private func sentence(_ folder: TemporaryFolder) -> String? {
    do {
      _ = try QueueFile.open(folder.queue, creating: true, patience_ms: 50)
      return nil
    } catch {
      return error.description
    }
  }

  @Test(arguments: 1...files.count)
  func `the tables of each schema are recognised, and a queue once they are marked`(
    schema: Int
  ) throws {
    let folder = try TemporaryFolder()
    try makeUnmarked(folder, schema: schema)
    // "Lark", as in the header of a queue.
    let marks = "pragma application_id = 1281454699; pragma user_version = \(schema)"
    #expect(sentence(folder)?.contains("sqlite3 \(folder.queue) '\(marks)'") == true)
    try Connection(path: folder.queue, mode: .readWrite).run(script: marks)
    #expect(sentence(folder) == nil)
  }

  @Test func `tables that a person has changed match no schema`() throws {
    let folder = try TemporaryFolder()
    try makeUnmarked(folder, schema: Self.files.count)
    try Connection(path: folder.queue, mode: .readWrite).run(
      script: "alter table ask add column note text; alter table lane add column note text;")
    #expect(sentence(folder)?.contains("match no schema up to") == true)
  }

  @Test func `what cannot keep a log is said to be so`() throws {
    // A database in memory has no log either.
    let memory = try Connection(path: ":memory:", mode: .memory)
    let error = #expect(throws: QueueError.self) {
      try WriteAheadLog.use(memory, path: "q", patience_ms: 0)
    }
    #expect(error?.kind == .cannotUse && error?.description.contains("local disk") == true)
  }

  @Test func `a Swift program cannot open a queue that has a second name`() async throws {
    let folder = try TemporaryFolder()
    _ = try QueueFile.open(folder.queue, creating: true)
    try FileManager.default.linkItem(atPath: folder.queue, toPath: folder.file("other.db"))
    for name in [folder.queue, folder.file("other.db")] {
      let error = await #expect(throws: QueueError.self) { _ = try await Queue(path: name) }
      #expect(error?.kind == .cannotUse && error?.description.contains("-samefile") == true)
    }
  }
}

struct LogTrimmingTests {
  @Test func `a log that has grown is cut down once its reader has read, and not before`() throws {
    let folder = try TemporaryFolder()
    let store = try WorkerStore(queue: folder.queue)
    let reader = try QueueFile.open(folder.queue, creating: false)
    try reader.run(script: "begin; select count(*) from ask;")
    let writer = try Intake(queue: folder.queue)
    let people = Ask.Audience.people((0..<5_000).map { "ou_\($0)" })
    func size() throws -> Int {
      let log = try FileManager.default.attributesOfItem(atPath: folder.file("queue.db-wal"))
      return log[.size] as? Int ?? 0
    }
    var asks = 0
    while try size() < 12_000_000 {
      _ = try writer.add((0..<10).map { .preview("t\(asks + $0)", for: people) })
      asks += 10
    }
    try store.trimLog()
    #expect(try size() >= 12_000_000)
    // The reader stays, but no longer reads.
    try reader.run(script: "commit")
    try store.trimLog()
    #expect(try size() == 0)
    let kept = try store.db.first("select count(*) from ask") { (row) throws(StoreError) in
      row.int(0)
    }
    #expect(kept == asks)
  }
}
