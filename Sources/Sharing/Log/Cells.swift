/// The cells of a row, read as what the schema says they are.
struct Cells {
  private let row: [String?]

  init(_ row: [String?]?) { self.row = row ?? [] }

  func text(_ column: Int) throws(LogError) -> String {
    guard column < row.count, let text = row[column] else { throw .unreadable }
    return text
  }

  func int(_ column: Int) throws(LogError) -> Int {
    guard let number = Int(try text(column)) else { throw .unreadable }
    return number
  }

  func transaction(_ column: Int) throws(LogError) -> TransactionID {
    guard let number = UInt64(try text(column)) else { throw .unreadable }
    return TransactionID(number)
  }

  /// PostgreSQL writes t and f.
  func bool(_ column: Int) throws(LogError) -> Bool { try text(column) == "t" }
}
