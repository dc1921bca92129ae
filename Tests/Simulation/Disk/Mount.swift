import CSQLite
import Glibc

/// Connects SQLite with the disk that is mounted. There is one for the process, and SQLite keeps
/// it, because its callbacks carry nothing else that leads to a disk.
final class Mount {
  private(set) var disk: SimulatedDisk
  let fileMethods: UnsafePointer<sqlite3_io_methods>

  private static let name = "simulated"

  private init(_ disk: SimulatedDisk) {
    self.disk = disk
    let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    methods.initialize(to: makeFileMethods())
    fileMethods = UnsafePointer(methods)
  }

  static var vfs: UnsafeMutablePointer<sqlite3_vfs>? { sqlite3_vfs_find(name) }

  static func of(_ vfs: UnsafeMutablePointer<sqlite3_vfs>?) -> Mount {
    guard let address = vfs?.pointee.pAppData else { preconditionFailure("no disk was mounted") }
    return Unmanaged<Mount>.fromOpaque(address).takeUnretainedValue()
  }

  fileprivate static func put(_ disk: SimulatedDisk) {
    if let vfs {
      let mount = Mount.of(vfs)
      // SQLite opens and deletes journals by name alone, on whatever disk is mounted.
      precondition(
        mount.disk === disk || mount.disk.openFiles.allSatisfy { $0.process.isDead },
        "a living process has a file open on the disk that was mounted before")
      mount.disk = disk
    } else {
      let made = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
      made.initialize(to: makeVFS(named: name))
      made.pointee.pAppData = Unmanaged.passRetained(Mount(disk)).toOpaque()
      sqlite3_vfs_register(made, 1)
      traceNewConnections()
    }
    // SQLite seeds its random generator once. This clears it, so it asks the new disk for a seed.
    sqlite3_randomness(0, nil)
  }
}

extension SimulatedDisk {
  /// Connections opened from now on use this disk unless they name another VFS. Living processes
  /// must have closed their connections to the previous disk.
  func mount() { Mount.put(self) }
}

private func makeVFS(named name: String) -> sqlite3_vfs {
  var vfs = sqlite3_vfs()
  vfs.iVersion = 2
  vfs.szOsFile = Int32(MemoryLayout<FileSlot>.size)
  vfs.mxPathname = 1024
  vfs.zName = UnsafePointer(strdup(name))
  vfs.xOpen = open
  vfs.xDelete = delete
  vfs.xAccess = access
  vfs.xFullPathname = fullPathname
  vfs.xRandomness = randomness
  vfs.xSleep = { _, microseconds in microseconds }
  vfs.xCurrentTime = currentTime
  vfs.xCurrentTimeInt64 = currentTimeInt64
  vfs.xGetLastError = { _, _, _ in 0 }
  return vfs
}

private func open(
  _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: UnsafePointer<CChar>?,
  _ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32,
  _ outFlags: UnsafeMutablePointer<Int32>?
) -> Int32 {
  // SQLite closes any file that has methods, even after an error.
  file?.pointee.pMethods = nil
  let mount = Mount.of(vfs)
  // A journal is opened when it is needed, perhaps long after the database.
  let opener = process(on: mount.disk, naming: name)
  if opener.isDead { return SQLITE_CORRUPT }
  let path = name.map { String(cString: $0) }
  guard let open = mount.disk.open(path: path, flags: flags, by: opener) else {
    return SQLITE_CANTOPEN
  }
  if let name, flags & SQLITE_OPEN_MAIN_DB != 0 {
    open.nameAddresses = [sqlite3_filename_journal(name), sqlite3_filename_wal(name)]
      .map { UInt(bitPattern: $0) }
  }
  UnsafeMutableRawPointer(file)?.initializeMemory(
    as: FileSlot.self,
    to: FileSlot(
      base: sqlite3_file(pMethods: mount.fileMethods), openFile: .passRetained(open)))
  outFlags?.pointee = flags
  return SQLITE_OK
}

/// The process on whose behalf SQLite uses a name.
private func process(
  on disk: SimulatedDisk, naming name: UnsafePointer<CChar>?
) -> SimulatedProcess {
  let address = UInt(bitPattern: name)
  return disk.openFiles.first { $0.nameAddresses.contains(address) }?.process ?? disk.opener
}

private func delete(
  _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: UnsafePointer<CChar>?, _ isSynced: Int32
) -> Int32 {
  guard let name else { return SQLITE_MISUSE }
  let disk = Mount.of(vfs).disk
  return disk.delete(String(cString: name), by: process(on: disk, naming: name))
}

private func access(
  _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: UnsafePointer<CChar>?, _ flags: Int32,
  _ answer: UnsafeMutablePointer<Int32>?
) -> Int32 {
  guard let name else { return SQLITE_MISUSE }
  let disk = Mount.of(vfs).disk
  if process(on: disk, naming: name).isDead { return SQLITE_CORRUPT }
  let file = disk.files[String(cString: name)]
  // In SQLite's Unix VFS an empty file does not exist, because an empty journal says nothing.
  let isThere = flags == SQLITE_ACCESS_EXISTS ? file?.bytes.isEmpty == false : file != nil
  answer?.pointee = isThere ? 1 : 0
  return SQLITE_OK
}

/// Uses the real VFS: the program itself looks at the real path, and a file must have one name
/// however it is reached.
private func fullPathname(
  _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: UnsafePointer<CChar>?, _ size: Int32,
  _ full: UnsafeMutablePointer<CChar>?
) -> Int32 {
  guard let unix = sqlite3_vfs_find("unix") else { return SQLITE_CANTOPEN }
  return unix.pointee.xFullPathname(unix, name, size, full)
}

private func randomness(
  _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ count: Int32, _ buffer: UnsafeMutablePointer<CChar>?
) -> Int32 {
  UnsafeMutableRawBufferPointer(start: buffer, count: Int(count))
    .copyBytes(from: Mount.of(vfs).disk.randomBytes(Int(count)))
  return count
}

/// SQLite counts milliseconds from noon in Greenwich on November 24, 4714 B.C.
private func now(on disk: SimulatedDisk) -> sqlite3_int64 {
  sqlite3_int64(disk.wallClock_ms()) + 210_866_760_000_000
}

private func currentTimeInt64(
  _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ answer: UnsafeMutablePointer<sqlite3_int64>?
) -> Int32 {
  answer?.pointee = now(on: Mount.of(vfs).disk)
  return SQLITE_OK
}

private func currentTime(
  _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ answer: UnsafeMutablePointer<Double>?
) -> Int32 {
  answer?.pointee = Double(now(on: Mount.of(vfs).disk)) / 86_400_000
  return SQLITE_OK
}
