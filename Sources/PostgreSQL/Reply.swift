import CPostgreSQL

/// The rows that a statement returned, as text.
package struct Reply: Equatable, Sendable {
  package let rows: [[String?]]

  init(_ result: OpaquePointer) {
    let columns = PQnfields(result)
    rows = (0..<PQntuples(result)).map { row in
      (0..<columns).map { column in
        if PQgetisnull(result, row, column) == 1 { return nil }
        return String(cString: PQgetvalue(result, row, column))
      }
    }
  }
}
