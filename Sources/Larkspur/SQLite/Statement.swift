import CSQLite
import Planning

/// A value to bind.
package enum Value: Sendable {
  case int(Int)
  case text(String)
  case null
}

extension Value {
  package static func of(_ value: Int?) -> Value { value.map(Value.int) ?? .null }
  package static func of(_ value: String?) -> Value { value.map(Value.text) ?? .null }
  package static func of(_ moment: Moment?) -> Value { of(moment?.ms) }
  package static func of(_ value: Bool) -> Value { .int(value ? 1 : 0) }
}

extension Value: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  package init(integerLiteral value: Int) { self = .int(value) }
  package init(stringLiteral value: String) { self = .text(value) }
}

/// One prepared statement, finalized exactly once.
package struct Statement: ~Copyable {
  private let handle: OpaquePointer

  init(_ handle: OpaquePointer) { self.handle = handle }

  deinit { sqlite3_finalize(handle) }

  /// Moves to the next row; false at the end.
  package borrowing func step() throws(StoreError) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw error(code)
    }
  }

  /// Prepares the statement to run again, without the bound values.
  package borrowing func reset() {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  package borrowing func bind(_ values: [Value]) throws(StoreError) {
    for (index, value) in values.enumerated() { try bind(value, at: Int32(index + 1)) }
  }

  private borrowing func bind(_ value: Value, at index: Int32) throws(StoreError) {
    let code: Int32
    switch value {
    case .int(let number): code = sqlite3_bind_int64(handle, index, Int64(number))
    case .null: code = sqlite3_bind_null(handle, index)
    case .text(var text):
      code = text.withUTF8 { utf8 in
        // An empty string has no address, and SQLite binds NULL for a null address.
        utf8.withMemoryRebound(to: CChar.self) { bytes in
          bytes.baseAddress.map { larkspur_bind_text(handle, index, $0, Int32(bytes.count)) }
            ?? larkspur_bind_text(handle, index, "", 0)
        }
      }
    }
    if code != SQLITE_OK { throw error(code) }
  }

  package borrowing func int(_ column: Int32) -> Int { Int(sqlite3_column_int64(handle, column)) }

  package borrowing func optionalInt(_ column: Int32) -> Int? {
    isNull(column) ? nil : int(column)
  }

  package borrowing func moment(_ column: Int32) -> Moment { Moment(ms: bounded(column)) }

  package borrowing func wallMoment(_ column: Int32) -> WallMoment {
    WallMoment(ms: bounded(column))
  }

  package borrowing func optionalMoment(_ column: Int32) -> Moment? {
    optionalBounded(column).map(Moment.init)
  }

  /// A number that is added to others. It is bounded, so that the sum of a few does not overflow.
  package borrowing func bounded(_ column: Int32) -> Int { int(column).bounded }

  package borrowing func optionalBounded(_ column: Int32) -> Int? {
    optionalInt(column)?.bounded
  }

  /// How often something has happened; never negative.
  package borrowing func count(_ column: Int32) -> Int { max(0, bounded(column)) }

  package borrowing func bool(_ column: Int32) -> Bool { int(column) != 0 }

  package borrowing func text(_ column: Int32) -> String { optionalText(column) ?? "" }

  /// SQLite does not check for UTF-8. Bytes that are not valid become replacement characters.
  package borrowing func optionalText(_ column: Int32) -> String? {
    guard let bytes = sqlite3_column_text(handle, column) else { return nil }
    let count = Int(sqlite3_column_bytes(handle, column))
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  package borrowing func isNull(_ column: Int32) -> Bool {
    sqlite3_column_type(handle, column) == SQLITE_NULL
  }

  package borrowing func isInteger(_ column: Int32) -> Bool {
    sqlite3_column_type(handle, column) == SQLITE_INTEGER
  }

  package borrowing func isReal(_ column: Int32) -> Bool {
    sqlite3_column_type(handle, column) == SQLITE_FLOAT
  }

  package borrowing func double(_ column: Int32) -> Double {
    sqlite3_column_double(handle, column)
  }

  package borrowing func columnCount() -> Int32 { sqlite3_column_count(handle) }

  package borrowing func columnName(_ column: Int32) -> String {
    sqlite3_column_name(handle, column).map { String(cString: $0) } ?? ""
  }

  private borrowing func error(_ code: Int32) -> StoreError {
    let db = sqlite3_db_handle(handle)
    return StoreError(
      code: code, message: String(cString: sqlite3_errmsg(db)),
      sql: String(cString: sqlite3_sql(handle)), systemCode: sqlite3_system_errno(db))
  }
}
