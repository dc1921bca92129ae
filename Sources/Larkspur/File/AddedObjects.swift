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

  /// Those that no schema up to `version` has. The triggers come first, because those of a view
  /// disappear with it.
  init(_ connection: borrowing Connection, version: Int) throws(StoreError) {
    let all = try connection.all(
      """
      select type, name, sql from sqlite_schema where type in ('trigger', 'view')
      order by type, rowid
      """
    ) { (row) throws(StoreError) in
      Object(type: row.text(0), name: row.text(1), sql: row.text(2))
    }
    let own = Self.names(upTo: version)
    objects = all.filter { !own.contains($0.name) }
  }

  /// The views and triggers of all schemas up to `version`.
  private static func names(upTo version: Int) -> Set<String> {
    var names: Set<String> = []
    for step in 0..<version {
      for line in Migrator.script(step + 1).split(separator: "\n") {
        let words = line.split(separator: " ", maxSplits: 3)
        if words.count > 2, words[0] == "create", words[1] == "view" || words[1] == "trigger" {
          names.insert(String(words[2]))
        }
      }
    }
    return names
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
