import Glibc

/// Identifies a file, whatever its name is.
struct FileIdentity: Hashable, Sendable {
  private let device: dev_t
  private let number: ino_t

  init?(_ path: String) {
    guard let info = FileStatus(path) else { return nil }
    self = info.identity
  }

  /// The file behind an open descriptor.
  init?(descriptor: Int32) {
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { return nil }
    self.init(info)
  }

  fileprivate init(_ info: stat) {
    device = info.st_dev
    number = info.st_ino
  }

  /// Whether this process has the file open. Assumed if the process has more descriptors than are
  /// looked at.
  var isOpenHere: Bool {
    descriptorHere != nil || fcntl(Self.descriptorsLookedAt, F_GETFD) >= 0
  }

  /// A descriptor of this process for the file, to read it even if its name is gone. Opening and
  /// closing another descriptor would drop SQLite's locks.
  var descriptorHere: Int32? {
    (0..<Self.descriptorsLookedAt).first { descriptor in
      FileIdentity(descriptor: descriptor) == self
    }
  }

  private static let descriptorsLookedAt: Int32 = 1_024

  /// The identity as text, which other processes can compare.
  var text: String { "\(device):\(number)" }
}

/// What is known about a file without opening it.
struct FileStatus {
  let identity: FileIdentity
  let size: Int
  /// How many names the file has, this one included. A folder has one: its link count counts others.
  let names: Int
  let device: dev_t
  let owner: uid_t
  /// The number of the file on its device.
  let number: UInt

  init?(_ path: String) {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    identity = FileIdentity(info)
    size = Int(info.st_size)
    names = info.st_mode & S_IFMT == S_IFDIR ? 1 : Int(info.st_nlink)
    device = info.st_dev
    owner = info.st_uid
    number = UInt(info.st_ino)
  }
}
