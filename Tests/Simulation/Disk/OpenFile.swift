import CSQLite

/// The lock that a connection holds on a database file, with SQLite's numbers.
enum LockLevel: Int32, Comparable {
  case none, shared, reserved, pending, exclusive

  static func < (one: LockLevel, other: LockLevel) -> Bool { one.rawValue < other.rawValue }
}

/// A file as one connection has opened it. Results are SQLite's result codes.
final class OpenFile {
  let file: StoredFile
  let path: String
  let isTemporary: Bool
  let process: SimulatedProcess
  let disk: SimulatedDisk

  /// The addresses of the strings by which the connection to this database names its files. They
  /// tell on whose behalf SQLite opens or deletes a journal by name.
  var nameAddresses: [UInt] = []

  /// The write-ahead log's index, while it is in use.
  var sharedMemory: SharedMemory?
  var slots = SharedSlots()

  private var lock = LockLevel.none

  init(
    _ file: StoredFile, path: String, isTemporary: Bool, on disk: SimulatedDisk,
    by process: SimulatedProcess
  ) {
    self.file = file
    self.path = path
    self.isTemporary = isTemporary
    self.disk = disk
    self.process = process
  }

  /// Whether a connection of another living process to the same file matches.
  func isHeldElsewhere(_ holds: (OpenFile) -> Bool) -> Bool {
    elsewhere(holds) != nil
  }

  /// A connection to the same file, other than this one and of a living process, that matches.
  func elsewhere(_ condition: (OpenFile) -> Bool) -> OpenFile? {
    disk.openFiles.first { other in
      other !== self && other.file === file && !other.process.isDead && condition(other)
    }
  }
}

// Content.
extension OpenFile {
  /// On a full disk, writes the part that fits, as a real file system does.
  func write(_ bytes: [UInt8], at offset: Int) -> Int32 {
    let operation = DiskOperation.write(path: path, offset: offset, count: bytes.count)
    if let refusal = process.refusal(of: operation) { return refusal }
    let fitting = disk.fitting(bytes.count, at: offset, of: file)
    guard fitting == bytes.count else {
      file.write(Array(bytes.prefix(fitting)), at: offset)
      return SQLITE_FULL
    }
    file.write(bytes, at: offset)
    return SQLITE_OK
  }

  func truncate(to size: Int) -> Int32 {
    if let refusal = process.refusal(of: .truncate(path: path, size: size)) { return refusal }
    file.truncate(to: size)
    return SQLITE_OK
  }

  func sync() -> Int32 {
    if let refusal = process.refusal(of: .sync(path: path)) { return refusal }
    file.sync()
    return SQLITE_OK
  }
}

// Locks of a database file, by the rules of SQLite's VFS for Unix.
extension OpenFile {
  func raiseLock(to wanted: LockLevel) -> Int32 {
    if process.isDead { return SQLITE_CORRUPT }
    if lock >= wanted { return SQLITE_OK }
    let tolerable = wanted == .shared ? LockLevel.reserved : .shared
    if isHeldElsewhere({ $0.lock > tolerable }) { return SQLITE_BUSY }
    if wanted > .reserved, isHeldElsewhere({ $0.lock == .shared }) {
      // Keeps new readers out while those that are there finish.
      lock = .pending
      return SQLITE_BUSY
    }
    lock = wanted
    return SQLITE_OK
  }

  func lowerLock(to wanted: LockLevel) { lock = min(lock, wanted) }

  /// Whether any connection, including this one, is about to write.
  var isReserved: Bool { lock >= .reserved || isHeldElsewhere { $0.lock >= .reserved } }
}
