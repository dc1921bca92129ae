import Foundation
import Testing

@testable import Larkspur

/// What people have built on top of a queue, when its schema changes.
struct AddedObjectsTests {
  private static let added = """
    create table told (lane text);
    create view mine as select account, count(*) as lanes from queue group by account;
    create view "a ""quoted"" one" as select * from recent_calls;
    create trigger mine_is_told after insert on ask begin
      insert into told select new.lane where exists (select 1 from queue);
    end;
    create trigger mine_is_deleted instead of delete on mine begin
      delete from told;
    end;
    """

  private func makeQueue(version: Int, in folder: TemporaryFolder) throws {
    try Data().write(to: URL(filePath: folder.queue))
    let old = try Connection(path: folder.queue, mode: .readWrite)
    try old.execute("pragma journal_mode = wal")
    for step in 1...version { try old.run(script: Migrator.script(step)) }
    try old.run(script: "pragma user_version = \(version)")
    try old.run(script: "pragma application_id = \(QueueFile.applicationID)")
    try old.run(script: Self.added)
  }

  @Test(arguments: 1..<Migrator.newest)
  func `views and triggers that people have added survive`(version: Int) throws {
    let folder = try TemporaryFolder()
    try makeQueue(version: version, in: folder)
    let intake = try Intake(queue: folder.queue)
    _ = try intake.add([.preview("a", for: .everyone)])
    let inspector = try Inspector(queue: folder.queue)
    #expect(try inspector.rows("select lane from told").rows == [[.text("a")]])
    #expect(try inspector.rows("select lanes from mine").rows == [[.int(1)]])
    #expect(try inspector.rows("select * from \"a \"\"quoted\"\" one\"").rows.isEmpty)
    try intake.db.run(script: "delete from mine")
    #expect(try inspector.rows("select lane from told").rows.isEmpty)
  }
}
