import Chance
import CSQLite

/// The disk of a simulated machine: SQLite opens its files here once the disk is mounted.
///
/// It is deterministic: everything follows from the seed and from what is done to the disk.
/// Creating and deleting a file is durable at once; its content is durable once it is synced.
final class SimulatedDisk {
  static let sectorSize = 512

  /// The time that SQLite sees, in milliseconds since 1970. SQLite may ask at any moment, so asking
  /// must change nothing.
  var wallClock_ms: () -> Int = { 0 }

  /// The process that owns connections opened from now on. A connection's journals belong to the
  /// connection. Its temporary files have no name, so they belong to the opener at that time.
  var opener = SimulatedProcess()

  private(set) var files: [String: StoredFile] = [:]

  /// Includes files of dead processes until they are closed.
  private(set) var openFiles: [OpenFile] = []

  /// The total size of all files in bytes; nil if there is no limit.
  private var capacity: Int?

  private var random: Dice
  private var anonymousFileCount = 0

  init(seed: UInt64) { random = Dice(seed) }

  /// Bytes by which files may still grow before the disk is full; nil if there is no limit.
  var room: Int? {
    get { capacity.map { $0 - allocated } }
    set { capacity = newValue.map { $0 + allocated } }
  }

  var paths: [String] { files.keys.sorted() }

  /// The content of a file as a program sees it; nil if there is no such file.
  func bytes(of path: String) -> [UInt8]? { files[path]?.bytes }

  /// Kills every process that has a file open. Each file keeps what was synced, and a random
  /// selection of the changes since then.
  func powerCut() {
    for open in openFiles {
      open.process.kill()
      if open.isTemporary { remove(open.file, at: open.path) }
    }
    // Sorted, because the order of a dictionary differs from one run to the next.
    for path in paths { files[path]?.losePower(using: &random) }
  }

  private var allocated: Int { files.values.reduce(0) { $0 + $1.bytes.count } }
}

// What SQLite calls.
extension SimulatedDisk {
  /// Opens a file; nil if SQLite's flags do not fit the files that exist.
  func open(path: String?, flags: Int32, by process: SimulatedProcess) -> OpenFile? {
    let path = path ?? anonymousPath()
    // The program creates an empty database file on the real disk before SQLite opens it. Until
    // something is written to it, this disk does not know the file.
    let isMadeElsewhere = flags & SQLITE_OPEN_MAIN_DB != 0 && flags & SQLITE_OPEN_READWRITE != 0
    let known = files[path]
    if known == nil, flags & SQLITE_OPEN_CREATE == 0, !isMadeElsewhere { return nil }
    if known != nil, flags & SQLITE_OPEN_EXCLUSIVE != 0 { return nil }
    let file = known ?? StoredFile()
    files[path] = file
    let open = OpenFile(
      file, path: path, isTemporary: flags & SQLITE_OPEN_DELETEONCLOSE != 0, on: self,
      by: process)
    openFiles.append(open)
    return open
  }

  func close(_ open: OpenFile) {
    openFiles.removeAll { $0 === open }
    if open.isTemporary { remove(open.file, at: open.path) }
  }

  func delete(_ path: String, by process: SimulatedProcess) -> Int32 {
    if files[path] == nil { return process.isDead ? SQLITE_CORRUPT : ResultCode.nothingToDelete }
    if let refusal = process.refusal(of: .delete(path: path)) { return refusal }
    files[path] = nil
    return SQLITE_OK
  }

  /// How many of `count` bytes can be written at `offset` before the disk is full.
  func fitting(_ count: Int, at offset: Int, of file: StoredFile) -> Int {
    guard let room else { return count }
    let end = max(file.bytes.count, file.bytes.count + room)
    return min(count, max(0, end - offset))
  }

  func randomBytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
  }

  private func anonymousPath() -> String {
    anonymousFileCount += 1
    return "/anonymous/\(anonymousFileCount)"
  }

  /// By now the name may belong to another file.
  private func remove(_ file: StoredFile, at path: String) {
    if files[path] === file { files[path] = nil }
  }
}
