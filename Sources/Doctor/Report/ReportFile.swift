import Basics
import Glibc
import Terminal

/// The file of a report. It is new, and its owner's alone.
enum ReportFile {
  /// Refuses a name that is taken, before the work is done.
  static func check(_ path: String) throws(Failure) {
    var info = stat()
    if lstat(path, &info) == 0 { throw problem(path, EEXIST) }
  }

  static func write(_ text: String, to path: String) throws(Failure) {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    if file < 0 { throw problem(path, errno) }
    defer { close(file) }
    // Whatever the umask.
    fchmod(file, 0o600)
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        let code = errno
        unlink(path)
        throw problem(path, code)
      }
      rest = rest.dropFirst(count)
    }
  }

  private static func problem(_ path: String, _ code: Int32) -> Failure {
    let advice =
      code == EEXIST ? "give the name of a new file" : "give another file with --report"
    return Failure(
      .databaseNotCreated, "cannot create report \(path): \(systemMessage(code)); \(advice)")
  }
}
