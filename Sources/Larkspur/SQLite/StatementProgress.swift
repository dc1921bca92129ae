import CSQLite

/// Calls a closure many times a second while a connection runs long statements.
final class StatementProgress {
  private let heard: () -> Void

  init(_ heard: @escaping () -> Void) { self.heard = heard }

  /// A few hundred microseconds of SQLite's work.
  private static let instructions: Int32 = 10_000

  /// Calls the closure while `body` runs. SQLite keeps only the address of this object, so it is
  /// told to forget it afterwards.
  func follow(
    _ handle: OpaquePointer, _ body: () throws(StoreError) -> Void
  ) throws(StoreError) {
    sqlite3_progress_handler(
      handle, Self.instructions,
      { address in
        if let address {
          Unmanaged<StatementProgress>.fromOpaque(address).takeUnretainedValue().heard()
        }
        return 0
      }, Unmanaged.passUnretained(self).toOpaque())
    defer { sqlite3_progress_handler(handle, 0, nil, nil) }
    try body()
  }
}
