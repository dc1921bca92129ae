import Basics

/// Migrates a file to the newest schema, forward only.
package enum Migrator {
  /// Every step, in order. A test compares the list with the folder.
  static let steps: [[UInt8]] = [
    PackageResources._001_queue_sql, PackageResources._002_cards_and_sessions_sql,
    PackageResources._003_account_names_sql, PackageResources._004_outages_sql,
    PackageResources._005_months_sql, PackageResources._006_guards_sql,
    PackageResources._007_large_queues_sql, PackageResources._008_states_sql,
    PackageResources._009_suspects_sql, PackageResources._010_changed_rows_sql,
    PackageResources._011_kinds_sql, PackageResources._012_openings_sql,
    PackageResources._013_foresight_sql, PackageResources._014_metrics_sql,
    PackageResources._015_sightings_sql, PackageResources._016_keys_sql,
    PackageResources._017_turns_sql, PackageResources._018_registry_sql,
    PackageResources._019_reserve_sql,
    PackageResources._020_turns_of_keys_sql, PackageResources._021_store_apps_sql,
    PackageResources._022_tickets_sql, PackageResources._023_waiting_tenants_sql,
    PackageResources._024_sentences_sql,
  ]

  /// The schema this program knows.
  package static var newest: Int { steps.count }

  static func bringUpToDate(_ connection: borrowing Connection, path: String) throws {
    let version = try version(of: connection)
    if version == newest { return }
    if version > newest {
      throw QueueError(
        .cannotUse,
        "queue \(path) was created by a newer Larkspur: it has schema \(version), and Larkspur "
          + "\(larkspurVersion) knows schemas up to \(newest); use the newer version")
    }
    if version == 0 {
      try create(connection)
      // An older program may have created it just before.
      return try bringUpToDate(connection, path: path)
    }
    let change = SchemaChange(path: path, from: version, to: newest)
    defer { SchemaChange.tell(nil) }
    for step in (version + 1)...newest { try take(step, connection, change) }
  }

  /// A new queue takes all steps in one transaction. Each step alone would write the pages that it shares with the others
  /// once more, and a small disk would be full before the first ask.
  private static func create(_ connection: borrowing Connection) throws(StoreError) {
    try connection.transaction { () throws(StoreError) in
      guard try version(of: connection) == 0 else { return }
      for step in 1...newest { try connection.run(script: script(step)) }
      try mark(connection, with: newest)
    }
  }

  /// A step and its version number are one transaction, so that a crash never leaves a file between
  /// two versions. Another process may have migrated it first, so the version is read again inside.
  private static func take(
    _ step: Int, _ connection: borrowing Connection, _ change: SchemaChange
  ) throws(StoreError) {
    try connection.transaction { () throws(StoreError) in
      guard try version(of: connection) < step else { return }
      let added = try AddedObjects(connection, version: step - 1)
      try added.setAside(connection)
      try connection.run(script: script(step)) { SchemaChange.tell(change) }
      try added.putBack(connection)
      try mark(connection, with: step)
    }
  }

  private static func mark(
    _ connection: borrowing Connection, with version: Int
  ) throws(StoreError) {
    try connection.run(script: "pragma user_version = \(version)")
    try connection.run(script: "pragma application_id = \(QueueFile.applicationID)")
  }

  /// The script that leads to a schema from the one before.
  static func script(_ version: Int) -> String {
    String(decoding: steps[version - 1], as: UTF8.self)
  }

  private static func version(of connection: borrowing Connection) throws(StoreError) -> Int {
    try connection.first("pragma user_version") { (row) throws(StoreError) in row.int(0) } ?? 0
  }
}
