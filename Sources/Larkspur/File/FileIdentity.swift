import Glibc

/// Which file a path leads to, whatever it is called.
struct FileIdentity: Hashable, Sendable {
  private let device: dev_t
  private let number: ino_t

  init?(_ path: String) {
    guard let info = FileStatus(path) else { return nil }
    self = info.identity
  }

  /// The file that is open there.
  init?(descriptor: Int32) {
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { return nil }
    self.init(info)
  }

  fileprivate init(_ info: stat) {
    device = info.st_dev
    number = info.st_ino
  }

  /// Whether this process has the file open. In one with very many files open it may be taken to be.
  var isOpenHere: Bool {
    descriptorHere != nil || fcntl(Self.descriptorsLookedAt, F_GETFD) >= 0
  }

  /// Where this process has the file open, to read it whatever has become of its name. Another
  /// descriptor of the file would drop SQLite's locks when it is closed.
  var descriptorHere: Int32? {
    (0..<Self.descriptorsLookedAt).first { descriptor in
      FileIdentity(descriptor: descriptor) == self
    }
  }

  private static let descriptorsLookedAt: Int32 = 1_024

  /// As another process can compare it.
  var text: String { "\(device):\(number)" }
}

/// What is known of a file without opening it.
struct FileStatus {
  let identity: FileIdentity
  let size: Int
  /// Names of the same file, this one included.
  let names: Int
  let device: dev_t

  init?(_ path: String) {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    identity = FileIdentity(info)
    size = Int(info.st_size)
    names = Int(info.st_nlink)
    device = info.st_dev
  }
}
