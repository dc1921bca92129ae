import Larkspur

/// What answers queries: an inspector, which may also change the queue, or a reader, which may not.
protocol Answering: ~Copyable {
  associatedtype Trouble: Error

  borrowing func answer(_ sql: String, _ values: [Value]) throws(Trouble) -> Rows
}

extension Inspector: Answering {
  borrowing func answer(_ sql: String, _ values: [Value]) throws(QueueError) -> Rows {
    try rows(sql, values)
  }
}

extension QueueReader: Answering {
  /// Long enough for a report about a million asks.
  private static var patience_ms: Int { 60_000 }

  borrowing func answer(_ sql: String, _ values: [Value]) throws(StoreError) -> Rows {
    try rows(sql, values, within: Self.patience_ms)
  }

  /// A reader does not migrate.
  borrowing func expectNewestSchema() throws(StoreError) {
    let schema = try number("pragma user_version") ?? 0
    if schema == Migrator.newest { return }
    let advice =
      schema > Migrator.newest
      ? "use the newer version of Larkspur" : "run 'larkspur status', which migrates it"
    throw StoreError(
      .other,
      message: "it has schema \(schema), and this program reads \(Migrator.newest); \(advice)")
  }
}
