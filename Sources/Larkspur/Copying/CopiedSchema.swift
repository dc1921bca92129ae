/// The tables of a copy of a queue, as the file has them. Running all migrations would take longer
/// than most answers.
enum CopiedSchema {
  /// What a loop reads or writes, and what its views need.
  private static let tables = """
    'worker', 'account', 'kind', 'budget', 'refused_person', 'audience', 'ask', 'lane', 'parcel',
    'call', 'span', 'known_key', 'known_token', 'tag', 'viewer', 'not_refreshed'
    """

  /// The rows of a queue were checked when they were written, and the loop's own are not kept.
  static func trustRows(_ db: borrowing Connection) throws(StoreError) {
    try db.run(script: "pragma ignore_check_constraints = on; pragma foreign_keys = off")
  }

  /// Of the file that is attached as `source`.
  static func create(_ db: borrowing Connection) throws(StoreError) {
    let statements = try db.prepare(
      """
      select sql from source.sqlite_schema
      where sql is not null and (type in ('table', 'index') and tbl_name in (\(tables)) or name = 'clock')
      order by type = 'view', type = 'index', rowid
      """)
    while try statements.step() { try db.run(script: statements.text(0)) }
  }
}
