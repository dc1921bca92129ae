/// A queue as a person looks at it and mends it.
package struct Inspector: ~Copyable {
  let db: Connection
  package let path: String

  /// Looks at a queue that exists.
  package init(queue path: String) throws(QueueError) {
    self.path = path
    db = try QueueFile.open(path, creating: false)
  }

  /// Rows of a query, as columns and values.
  package borrowing func rows(
    _ sql: String, _ values: [Value] = []
  ) throws(QueueError) -> Rows {
    try perform { () throws(SQLiteError) in
      let statement = try db.prepare(sql)
      try statement.bind(values)
      var rows = Rows()
      for column in 0..<statement.columnCount() { rows.columns.append(statement.columnName(column)) }
      while try statement.step() {
        var row: [Cell] = []
        for column in 0..<statement.columnCount() { row.append(Cell(statement, column)) }
        rows.rows.append(row)
      }
      return rows
    }
  }

  borrowing func perform<Result>(
    _ body: () throws(SQLiteError) -> Result
  ) throws(QueueError) -> Result {
    do throws(SQLiteError) { return try body() } catch { throw QueueError(error, path: path) }
  }
}

/// The result of a query.
package struct Rows: Equatable, Sendable {
  package var columns: [String] = []
  package var rows: [[Cell]] = []
}

/// One value of a result.
package enum Cell: Equatable, Sendable {
  case null
  case int(Int)
  case real(Double)
  case text(String)

  init(_ statement: borrowing Statement, _ column: Int32) {
    if statement.isNull(column) {
      self = .null
    } else if statement.isInteger(column) {
      self = .int(statement.int(column))
    } else if statement.isReal(column) {
      self = .real(statement.double(column))
    } else {
      self = .text(statement.text(column))
    }
  }
}
