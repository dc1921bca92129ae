import Basics
import Glibc

/// Keeps other programs from removing the files beside a queue, as the last of them does when it
/// closes the queue. The lock is like that of any reader.
struct ReadingHold: ~Copyable {
  enum Files {
    /// The database is complete without them.
    case none
    case logOnly, all
  }

  private let descriptor: Int32
  private let path: String

  private init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  static func take(_ path: String, patience_ms: Int) throws(StoreError) -> ReadingHold {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 {
      let code = errno
      throw StoreError(.other, message: systemMessage(code), systemCode: code)
    }
    let hold = ReadingHold(descriptor: descriptor, path: path)
    try hold.lock(BusyPatience(patience_ms))
    return hold
  }

  private borrowing func lock(_ patience: BusyPatience) throws(StoreError) {
    var attempt: Int32 = 0
    while RangeLock.apply(
      RangeLock.take, F_RDLCK, on: DatabaseHold.sharedBytes, of: descriptor) == nil
    {
      let code = errno
      guard code == EAGAIN || code == EACCES else {
        throw StoreError(
          .other, message: "cannot lock it: \(systemMessage(code))", systemCode: code)
      }
      guard patience.waits(attempt: attempt) else {
        throw StoreError(.busy, message: "another program has locked it")
      }
      attempt += 1
    }
  }

  var files: Files {
    let hasIndex = FileStatus(SideFiles.index(of: path)) != nil
    if FileStatus(SideFiles.log(of: path)) != nil { return hasIndex ? .all : .logOnly }
    // A queue that somebody has taken out of WAL mode may have a journal to roll back.
    return (FileStatus(path + "-journal")?.size ?? 0) > 0 ? .all : .none
  }
}
