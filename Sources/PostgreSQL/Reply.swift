import CPostgreSQL

/// The rows that a statement returned, as text.
package struct Reply: Equatable, Sendable {
  package struct Column: Equatable, Sendable {
    package let name: String
    package let isInteger: Bool
  }

  package let columns: [Column]
  package let rows: [[String?]]

  init(_ result: OpaquePointer) {
    let columns = (0..<PQnfields(result)).map { column in
      Column(
        name: String(cString: PQfname(result, column)),
        isInteger: Self.integers.contains(PQftype(result, column)))
    }
    self.columns = columns
    rows = (0..<PQntuples(result)).map { row in
      columns.indices.map { column in
        let column = Int32(column)
        if PQgetisnull(result, row, column) == 1 { return nil }
        return String(cString: PQgetvalue(result, row, column))
      }
    }
  }

  /// The numbers of bigint, smallint and integer, which PostgreSQL never changes.
  private static let integers: Set<Oid> = [20, 21, 23]
}
