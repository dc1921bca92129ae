import Chance
import CSQLite

/// The disk of a simulated machine: what SQLite opens files on once the disk is mounted.
///
/// Everything on it follows from its seed and from what is done to it. Creating and deleting a file
/// is durable at once; what is in the file is durable once it is synced.
final class SimulatedDisk {
  static let sectorSize = 512

  /// SQLite's idea of now, in milliseconds since 1970. SQLite asks at its own whim, so asking must
  /// change nothing.
  var wallClock_ms: () -> Int = { 0 }

  /// Whom connections opened from now on belong to. The journals of a connection are its own, but
  /// its temporary files, which have no name, are the opener's at the time.
  var opener = SimulatedProcess()

  private(set) var files: [String: StoredFile] = [:]

  /// Including those of dead processes, until these are closed.
  private(set) var openFiles: [OpenFile] = []

  /// The bytes there are for all files together; nil when there is no end to them.
  private var capacity: Int?

  private var random: Dice
  private var anonymousFileCount = 0

  init(seed: UInt64) { random = Dice(seed) }

  /// Bytes by which files may still grow before the disk is full; nil when there is no end to them.
  var room: Int? {
    get { capacity.map { $0 - allocated } }
    set { capacity = newValue.map { $0 + allocated } }
  }

  var paths: [String] { files.keys.sorted() }

  /// The content of a file, as a program sees it; nil when there is no such file.
  func bytes(of path: String) -> [UInt8]? { files[path]?.bytes }

  /// Kills every process that has a file open. Each file keeps what was synced, and of the changes
  /// since then some that are left to chance.
  func powerCut() {
    for open in openFiles {
      open.process.kill()
      if open.isTemporary { remove(open.file, at: open.path) }
    }
    // In the order of names: the order of a dictionary differs from one run to the next.
    for path in paths { files[path]?.losePower(using: &random) }
  }

  private var allocated: Int { files.values.reduce(0) { $0 + $1.bytes.count } }
}

// What SQLite asks for.
extension SimulatedDisk {
  /// Opens a file; nil when SQLite's flags and the files there are do not go together.
  func open(path: String?, flags: Int32, by process: SimulatedProcess) -> OpenFile? {
    let path = path ?? anonymousPath()
    // The program creates an empty database file by itself, on the real disk, before SQLite is to
    // open it. So a database that nobody has written to is known only there.
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

  /// Another file may have the name by now.
  private func remove(_ file: StoredFile, at path: String) {
    if files[path] === file { files[path] = nil }
  }
}
