import Testing

@testable import Larkspur

/// The accounts that the worker's configuration knows, as programs that only ask see them.
final class ConfiguredAccountsTests {
  private let folder: TemporaryFolder
  private let store: WorkerStore
  private let intake: Intake

  init() throws {
    folder = try TemporaryFolder()
    store = try WorkerStore(queue: folder.queue)
    intake = try Intake(queue: folder.queue)
  }

  private func put(_ names: String...) throws {
    try store.transaction { () throws(StoreError) in
      for name in names { _ = try store.account(name) }
      try store.note(configured: names.map { ($0, "{}") }, tenants: [])
    }
  }

  @Test func `before a worker has been there nothing is known of any`() throws {
    #expect(try !intake.isUnconfigured("default"))
    #expect(try !intake.isUnconfigured("shop"))
  }

  @Test func `those that the worker does not know are told from those it knows`() throws {
    try put("shop")
    #expect(try !intake.isUnconfigured("shop"))
    #expect(try intake.isUnconfigured("default"))
    #expect(try intake.isUnconfigured("nobody"))
  }

  @Test func `what is put last counts`() throws {
    try put("shop")
    try put("default")
    #expect(try intake.isUnconfigured("shop"))
    #expect(try !intake.isUnconfigured("default"))
  }

  @Test func `an account that an ask has named is not known for that`() throws {
    try put("default")
    _ = try store.transaction { () throws(StoreError) in try store.account("shop") }
    #expect(try intake.isUnconfigured("shop"))
  }

  @Test func `what is put again writes nothing`() throws {
    try put("shop", "default")
    let before = try store.db.changesInAll
    try put("shop", "default")
    #expect(try store.db.changesInAll == before)
  }
}

extension Connection {
  fileprivate var changesInAll: Int {
    get throws(StoreError) {
      try first("select total_changes()") { (row) throws(StoreError) in row.int(0) } ?? 0
    }
  }
}
