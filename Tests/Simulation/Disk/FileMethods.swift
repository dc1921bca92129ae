import CSQLite

/// The memory that SQLite allocates for each open file. SQLite uses only the first field.
struct FileSlot {
  var base: sqlite3_file
  var openFile: Unmanaged<OpenFile>
}

/// The operations on an open file, as C functions.
func makeFileMethods() -> sqlite3_io_methods {
  var methods = sqlite3_io_methods()
  methods.iVersion = 2
  methods.xClose = close
  methods.xRead = read
  methods.xWrite = write
  methods.xTruncate = { openFile(at: $0).truncate(to: Int($1)) }
  methods.xSync = { file, _ in openFile(at: file).sync() }
  methods.xFileSize = fileSize
  methods.xLock = { openFile(at: $0).raiseLock(to: LockLevel(rawValue: $1) ?? .exclusive) }
  methods.xUnlock = unlock
  methods.xCheckReservedLock = checkReservedLock
  // SQLite only sends hints here and needs no answer.
  methods.xFileControl = { file, _, _ in
    openFile(at: file).process.isDead ? SQLITE_CORRUPT : SQLITE_NOTFOUND
  }
  methods.xSectorSize = { _ in Int32(SimulatedDisk.sectorSize) }
  // The disk makes no guarantees about its writes.
  methods.xDeviceCharacteristics = { _ in 0 }
  methods.xShmMap = mapSharedMemory
  methods.xShmLock = lockSharedMemory
  // There is only one thread.
  methods.xShmBarrier = { _ in }
  methods.xShmUnmap = { file, _ in
    openFile(at: file).leaveSharedMemory()
    return SQLITE_OK
  }
  return methods
}

private func slot(
  at file: UnsafeMutablePointer<sqlite3_file>?
) -> UnsafeMutablePointer<FileSlot> {
  guard let file else { preconditionFailure("SQLite passes no file") }
  return UnsafeMutableRawPointer(file).assumingMemoryBound(to: FileSlot.self)
}

private func openFile(at file: UnsafeMutablePointer<sqlite3_file>?) -> OpenFile {
  slot(at: file).pointee.openFile.takeUnretainedValue()
}

private func close(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Int32 {
  let open = slot(at: file).pointee.openFile.takeRetainedValue()
  open.disk.close(open)
  return SQLITE_OK
}

private func read(
  _ file: UnsafeMutablePointer<sqlite3_file>?, _ buffer: UnsafeMutableRawPointer?, _ count: Int32,
  _ offset: sqlite3_int64
) -> Int32 {
  let open = openFile(at: file)
  if open.process.isDead { return SQLITE_CORRUPT }
  let target = UnsafeMutableRawBufferPointer(start: buffer, count: Int(count))
  let available = open.file.bytes.dropFirst(Int(offset)).prefix(target.count)
  target.copyBytes(from: available)
  if available.count == target.count { return SQLITE_OK }
  // SQLite relies on the rest being zero.
  UnsafeMutableRawBufferPointer(rebasing: target[available.count...])
    .initializeMemory(as: UInt8.self, repeating: 0)
  return ResultCode.shortRead
}

private func write(
  _ file: UnsafeMutablePointer<sqlite3_file>?, _ buffer: UnsafeRawPointer?, _ count: Int32,
  _ offset: sqlite3_int64
) -> Int32 {
  let bytes = Array(UnsafeRawBufferPointer(start: buffer, count: Int(count)))
  return openFile(at: file).write(bytes, at: Int(offset))
}

private func fileSize(
  _ file: UnsafeMutablePointer<sqlite3_file>?, _ answer: UnsafeMutablePointer<sqlite3_int64>?
) -> Int32 {
  let open = openFile(at: file)
  if open.process.isDead { return SQLITE_CORRUPT }
  answer?.pointee = sqlite3_int64(open.file.bytes.count)
  return SQLITE_OK
}

private func unlock(_ file: UnsafeMutablePointer<sqlite3_file>?, _ level: Int32) -> Int32 {
  openFile(at: file).lowerLock(to: LockLevel(rawValue: level) ?? .none)
  return SQLITE_OK
}

private func checkReservedLock(
  _ file: UnsafeMutablePointer<sqlite3_file>?, _ answer: UnsafeMutablePointer<Int32>?
) -> Int32 {
  let open = openFile(at: file)
  if open.process.isDead { return SQLITE_CORRUPT }
  answer?.pointee = open.isReserved ? 1 : 0
  return SQLITE_OK
}

private func mapSharedMemory(
  _ file: UnsafeMutablePointer<sqlite3_file>?, _ index: Int32, _ size: Int32, _ isExtended: Int32,
  _ answer: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  let open = openFile(at: file)
  answer?.pointee = nil
  if open.process.isDead { return SQLITE_CORRUPT }
  answer?.pointee = open.joinSharedMemory()
    .region(Int(index), size: Int(size), isMade: isExtended != 0)
  return SQLITE_OK
}

private func lockSharedMemory(
  _ file: UnsafeMutablePointer<sqlite3_file>?, _ first: Int32, _ count: Int32, _ flags: Int32
) -> Int32 {
  let open = openFile(at: file)
  let mask = UInt32((1 << count) - 1) << UInt32(first)
  if flags & SQLITE_SHM_LOCK != 0 {
    return open.lockSlots(mask, isExclusive: flags & SQLITE_SHM_EXCLUSIVE != 0)
  }
  open.unlockSlots(mask)
  return SQLITE_OK
}
