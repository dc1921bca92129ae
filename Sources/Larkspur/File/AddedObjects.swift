/// Views and triggers that people have added to a queue.
///
/// They are set aside while the schema changes: SQLite refuses to rename a column while some view
/// refers to another view that is being replaced.
struct AddedObjects {
  private let objects: [Object]

  private struct Object {
    let type: String
    let name: String
    let sql: String

    var quotedName: String { "\"\(name.replacing("\"", with: "\"\""))\"" }
  }

  /// Those that schema `version` does not have. The triggers come first, because those of a view
  /// disappear with it.
  init(_ connection: borrowing Connection, version: Int) throws(StoreError) {
    let own = Set(try Self.objects(of: try Migrator.inMemory(version)).map(\.name))
    objects = try Self.objects(of: connection).filter { !own.contains($0.name) }
  }

  private static func objects(of connection: borrowing Connection) throws(StoreError) -> [Object] {
    try connection.all(
      "select type, name, sql from sqlite_schema where type in ('trigger', 'view') order by type, rowid"
    ) { (row) throws(StoreError) in
      Object(type: row.text(0), name: row.text(1), sql: row.text(2))
    }
  }

  func setAside(_ connection: borrowing Connection) throws(StoreError) {
    for object in objects {
      try connection.run(script: "drop \(object.type) \(object.quotedName)")
    }
  }

  /// Views first: a trigger may belong to one.
  func putBack(_ connection: borrowing Connection) throws(StoreError) {
    for object in objects.reversed() { try connection.run(script: object.sql) }
  }
}
