import PostgreSQL

/// Makes the tables of a shared queue.
package enum SharedSchema {
  private static let steps = [
    PackageResources._001_tables_sql, PackageResources._002_asking_sql,
    PackageResources._003_sightings_sql, PackageResources._004_protocol_sql,
    PackageResources._005_views_sql,
  ]

  /// The schema this program knows.
  package static var newest: Int { steps.count }

  /// Returns what a person has to do then; nil if it was there already.
  package static func create(in session: ServerSession) throws(SessionError) -> String? {
    let known = try session.run("select to_regclass('larkspur.schema_version') is not null").rows
    let hasSchema = known.first?[0] == "t"
    let version =
      hasSchema
      ? try session.run("select max(version) from larkspur.schema_version").rows.first?[0]
        .flatMap { Int($0) } ?? 0 : 0
    for step in steps.dropFirst(version) { try session.run(script: text(step)) }
    try session.run(script: text(PackageResources.roles_sql))
    return version == newest ? nil : advice
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private static let advice = """
    -- Who may do what. Put in the names of your own users:
    grant larkspur_ask to my_backend;   -- enqueues, and reads how that ended
    grant larkspur_work to my_worker;   -- larkspur work
    grant larkspur_look to my_people;   -- reads the views
    """
}
