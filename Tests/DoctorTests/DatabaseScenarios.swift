import Foundation
import Larkspur
import Programs
import Testing

@testable import Doctor

extension Scenario {
  static let ofDatabases: [Scenario] = [
    Scenario(.database, .wrong) { bench in
      try bench.write(String(repeating: "not a database\n", count: 100), to: "queue.db")
      return bench.databaseFindings()
    },
    Scenario(.database, .wrong) { bench in
      try bench.write("", to: "queue.db")
      try bench.change("create table theirs (x)")
      return bench.databaseFindings()
    },
    Scenario(.database, .unknown) { bench in
      try bench.makeQueue()
      let other = try Shell(bench.queue)
      try other.run("pragma locking_mode = exclusive; begin immediate; delete from call; commit;")
      let findings = bench.databaseFindings()
      try other.end()
      return findings
    },
    Scenario(.database, .unknown) { bench in
      let error = StoreError(.other, message: "permission denied")
      return DatabaseCheck.findings(.failure(error), of: bench.queue)
    },
    Scenario(.schema, .fine) { bench in
      try bench.makeQueue()
      return bench.databaseFindings()
    },
    Scenario(.schema, .warn) { bench in
      try bench.makeQueue()
      try bench.change("pragma user_version = 3")
      return bench.databaseFindings()
    },
    Scenario(.schema, .warn) { bench in
      try bench.write("", to: "queue.db")
      return bench.databaseFindings()
    },
    Scenario(.schema, .wrong) { bench in
      try bench.makeQueue()
      try bench.change("pragma user_version = 999")
      return bench.databaseFindings()
    },
    Scenario(.integrity, .fine) { bench in
      try bench.makeQueue()
      return bench.databaseFindings()
    },
    Scenario(.integrity, .wrong) { bench in
      try bench.makeQueue((0..<200).map { .preview("t\($0)", for: .everyone) })
      try bench.damage(table: "ask")
      return bench.databaseFindings()
    },
    Scenario(.integrity, .unknown) { bench in
      try bench.makeQueue()
      var reading = try bench.reading.get()
      reading.flaws = nil
      return DatabaseCheck.findings(.success(reading), of: bench.queue)
    },
    Scenario(.sideFiles, .wrong) { bench in
      // The worker of this queue has announced other files than those that are there.
      let store = try WorkerStore(queue: bench.queue)
      switch try WorkerLock.take(queue: bench.queue) {
      case .held: return []
      case .taken(let lock):
        store.tellOthers()
        unlink(bench.queue + "-wal")
        let findings = bench.databaseFindings()
        _ = consume lock
        return findings
      }
    },
  ]

  static let ofDisks: [Scenario] = [
    Scenario(.diskSpace, .fine) { DiskCheck.findings(.of(), of: $0.queue, size: 1) },
    Scenario(.diskSpace, .warn) { bench in
      DiskCheck.findings(.of(free: 100_000_000), of: bench.queue, size: 1)
    },
    Scenario(.diskSpace, .warn) { bench in
      DiskCheck.findings(.of(free: 1_000_000_000), of: bench.queue, size: 2_000_000_000)
    },
    Scenario(.diskSpace, .wrong) { bench in
      DiskCheck.findings(.of(free: 1_000_000), of: bench.queue, size: 1)
    },
    Scenario(.diskSpace, .unknown) { bench in
      DiskCheck.findings(DiskFacts("/nowhere/queue"), of: bench.queue, size: 1)
    },
    Scenario(.inodes, .warn) { DiskCheck.findings(.of(inodes: 10), of: $0.queue, size: 1) },
    Scenario(.inodes, .wrong) { DiskCheck.findings(.of(inodes: 0), of: $0.queue, size: 1) },
    Scenario(.logSize, .fine) { bench in
      [LogCheck.finding(LogBacklog(queue: try bench.makeQueue()), of: bench.queue)]
    },
    Scenario(.logSize, .fine) { bench in
      let log = LogBacklog(size: 90_000_000, isOpen: false, readers: [])
      return [LogCheck.finding(log, of: bench.queue)]
    },
    Scenario(.logSize, .warn) { bench in
      let log = LogBacklog(size: 90_000_000, isOpen: true, readers: [812])
      return [LogCheck.finding(log, of: bench.queue) { _ in "sqlite3" }]
    },
    Scenario(.logSize, .unknown) { bench in
      let log = LogBacklog(size: 90_000_000, isOpen: nil, readers: [])
      return [LogCheck.finding(log, of: bench.queue)]
    },
  ]
}

extension DiskFacts {
  static func of(free: Int = 10_000_000_000, inodes: Int = 1_000_000) -> DiskFacts {
    DiskFacts(freeBytes: free, allInodes: 1_000_000, freeInodes: inodes)
  }
}

extension Bench {
  /// Overwrites the first page of a table.
  func damage(table: String) throws {
    let rows = try Inspector(queue: queue).rows(
      "select rootpage from sqlite_schema where name = ?", [.text(table)])
    guard case .int(let page)? = rows.rows.first?.first else { return }
    let file = try FileHandle(forUpdating: URL(filePath: queue))
    try file.seek(toOffset: UInt64((page - 1) * 4_096))
    try file.write(contentsOf: Data(repeating: 0xAB, count: 4_096))
    try file.close()
  }
}

struct UnmarkedCopyTests {
  @Test func `what to do about a copy without its marks is a whole command`() throws {
    let bench = try Bench()
    try bench.makeQueue()
    try bench.change("pragma application_id = 0; pragma user_version = 0")
    let finding = try #require(bench.databaseFindings().first)
    #expect(finding.code == .database && finding.grade == .wrong)
    #expect(finding.fix?.hasPrefix("set it: sqlite3 \(bench.queue) 'pragma application_id") == true)
    #expect(finding.summary.hasSuffix("which .dump does not copy"))
  }
}
