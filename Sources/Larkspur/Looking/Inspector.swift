/// A queue for a person to look at and repair.
package struct Inspector: ~Copyable {
  let db: Connection
  package let path: String

  /// Opens a queue that exists.
  package init(queue path: String) throws(QueueError) {
    self.path = path
    db = try QueueFile.open(path, creating: false)
  }

  /// Rows of a query, as columns and values.
  package borrowing func rows(
    _ sql: String, _ values: [Value] = []
  ) throws(QueueError) -> Rows {
    var rows = Rows()
    try each(sql, values) { columns, row in
      rows.columns = columns
      rows.rows.append(row)
    }
    return rows
  }

  /// Calls `body` with the columns and each row, so that a million rows need no memory.
  package borrowing func each(
    _ sql: String, _ values: [Value] = [], body: (_ columns: [String], _ row: [Cell]) -> Void
  ) throws(QueueError) {
    try perform { () throws(StoreError) in
      let statement = try db.prepare(sql)
      try statement.bind(values)
      let columns = 0..<statement.columnCount()
      let names = columns.map { statement.columnName($0) }
      while try statement.step() { body(names, columns.map { Cell(statement, $0) }) }
    }
  }

  borrowing func perform<Result>(
    _ body: () throws(StoreError) -> Result
  ) throws(QueueError) -> Result {
    do throws(StoreError) { return try body() } catch { throw QueueError(error, path: path) }
  }
}

/// The result of a query. Without rows it has no columns either.
package struct Rows: Equatable, Sendable {
  package var columns: [String] = []
  package var rows: [[Cell]] = []

  package init(columns: [String] = [], rows: [[Cell]] = []) {
    self.columns = columns
    self.rows = rows
  }
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
