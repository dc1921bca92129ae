/// A copy of a queue that was made with `.dump`: it has the tables, but not the two numbers in the
/// header that mark a queue.
enum UnmarkedCopy {
  /// What to do about a database that is not marked as a queue.
  static func advice(for copy: borrowing Connection, path: String) throws -> String {
    let found = try schema(of: copy)
    if let version = try version(of: found) {
      return "\(path) has the tables of a Larkspur queue but not its application_id, which .dump "
        + "does not copy; set it: sqlite3 \(path) 'pragma application_id = "
        + "\(QueueFile.applicationID); pragma user_version = \(version)'"
    }
    if tablesOfQueues.allSatisfy({ name in found.contains { $0.name == name } }) {
      return
        "\(path) has tables like those of a Larkspur queue but not its application_id, and they "
        + "match no schema up to \(Migrator.newest), the newest this program knows; copy the queue "
        + "again: sqlite3 QUEUE \".backup COPY\""
    }
    return "\(path) is a database, but not a Larkspur queue; give another file with --db"
  }

  private static let tablesOfQueues = ["ask", "lane", "call", "worker"]

  private struct Part: Hashable {
    let name: String
    let sql: String
  }

  /// The tables, indexes, views and triggers, without what SQLite adds for itself.
  private static func schema(of connection: borrowing Connection) throws -> Set<Part> {
    Set(
      try connection.all(
        "select name, sql from sqlite_schema where sql is not null and name not like 'sqlite_%'"
      ) { (row) throws(StoreError) in Part(name: row.text(0), sql: row.text(1)) })
  }

  /// The newest schema whose parts are all there. What a person has added does not matter.
  private static func version(of found: Set<Part>) throws -> Int? {
    let queue = try Connection(path: ":memory:", mode: .memory)
    var version: Int?
    for number in 1...Migrator.newest {
      try queue.run(script: Migrator.script(number))
      if try schema(of: queue).isSubset(of: found) { version = number }
    }
    return version
  }
}
