import Basics
import Glibc

/// What `stat` tells about a file.
struct FileFacts: Equatable {
  var owner: uid_t
  var group: gid_t
  /// The permissions alone.
  var mode: mode_t
  var isRegular: Bool
  var isLink: Bool
  var size: Int
  var names: Int
  var isPipe: Bool
  /// When its content was last changed, in seconds since 1970.
  var changed_s = 0

  /// Whether this user certainly cannot write it. Which groups a user is in is not known here.
  func isClosed(to user: uid_t) -> Bool {
    if user == 0 { return false }
    if user == owner { return mode & 0o200 == 0 }
    return mode & 0o022 == 0
  }

  /// As `chmod` takes it.
  var modeText: String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}

extension FileFacts {
  /// Nil if it cannot be looked at; `errno` says why.
  init?(_ path: String, followsLink: Bool = true) {
    var info = stat()
    guard (followsLink ? stat(path, &info) : lstat(path, &info)) == 0 else { return nil }
    owner = info.st_uid
    group = info.st_gid
    mode = info.st_mode & 0o7777
    isRegular = info.st_mode & S_IFMT == S_IFREG
    isLink = info.st_mode & S_IFMT == S_IFLNK
    isPipe = info.st_mode & S_IFMT == S_IFIFO
    size = Int(info.st_size)
    changed_s = info.st_mtim.tv_sec
    names = Int(info.st_nlink)
  }
}

/// The user who looks, and the names of users.
struct Viewer {
  var user: uid_t = geteuid()

  var isRoot: Bool { user == 0 }

  /// Whether a file is there for another user, as far as that is known: the owner of the queue, or of the
  /// file. Root's may have been made by mistake.
  func isKept(from file: String, of owner: uid_t?) -> Bool {
    guard owner != user, !isRoot, access(file, R_OK) != 0, errno == EACCES else { return false }
    guard owner == nil else { return true }
    return FileFacts(file).map { $0.owner != user && $0.owner != 0 } ?? false
  }
}
