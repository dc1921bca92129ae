import Basics
import Glibc
import Terminal

/// A file the user named, or standard input.
final class InputFile {
  let descriptor: Int32
  /// Its name in messages.
  let name: String

  /// `-` is standard input.
  init(_ path: String) throws(Failure) {
    if path == "-" {
      descriptor = STDIN_FILENO
      name = "standard input"
      return
    }
    name = printable(path)
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw Self.unreadable(name) }
    if Self.kind(of: descriptor) == S_IFDIR {
      close(descriptor)
      throw Failure(.inputMissing, "\(name) is a folder, not a file")
    }
  }

  private init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

  /// Continues where the last read ended.
  func readOn(into bytes: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    while true {
      let count = Glibc.read(descriptor, bytes.baseAddress, bytes.count)
      if count >= 0 { return count }
      if errno != EINTR { throw Self.unreadable(name) }
    }
  }

  /// Whether the user has to type the input.
  var isTerminal: Bool { isatty(descriptor) == 1 }

  /// The rest of the file; nil if that is more than `limit` bytes.
  func readAll(atMost limit: Int) throws(Failure) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= limit {
      let count = try buffer.withUnsafeMutableBufferPointer { (bytes) throws(Failure) in
        try readOn(into: UnsafeMutableRawBufferPointer(bytes))
      }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
    return nil
  }

  /// Reads at `offset` without moving the read position, so the same bytes can be read again.
  func read(
    at offset: Int, into bytes: UnsafeMutableRawBufferPointer
  ) throws(Failure) -> Int {
    while true {
      let count = pread(descriptor, bytes.baseAddress, bytes.count, off_t(offset))
      if count >= 0 { return count }
      if errno != EINTR { throw Self.unreadable(name) }
    }
  }

  /// A file that can be read twice: this one, or a copy of what comes through a pipe.
  func rereadable() throws(Failure) -> InputFile {
    if Self.kind(of: descriptor) == S_IFREG { return self }
    let copy = try Self.scratch(called: name)
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = try buffer.withUnsafeMutableBufferPointer { (bytes) throws(Failure) in
        try readOn(into: UnsafeMutableRawBufferPointer(bytes))
      }
      if count == 0 { return copy }
      try copy.append(buffer[..<count])
    }
  }

  /// The size of the file in bytes.
  var size: Int {
    var info = stat()
    return fstat(descriptor, &info) == 0 ? Int(info.st_size) : 0
  }

  /// A file without a name. The system removes it when this process ends, however it ends.
  static func scratch(called name: String) throws(Failure) -> InputFile {
    var path = Array("\(try temporaryFolder())/larkspur.XXXXXX".utf8CString)
    // mkstemp makes it readable only by its owner, because it may say which users see which
    // tickets.
    let descriptor = mkstemp(&path)
    if descriptor < 0 { throw noRoom() }
    unlink(path)
    return InputFile(descriptor: descriptor, name: name)
  }

  func append(_ bytes: ArraySlice<UInt8>) throws(Failure) {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno != EINTR { throw Self.noRoom() }
      rest = rest.dropFirst(max(count, 0))
    }
  }

  static func temporaryFolder() throws(Failure) -> String {
    try environmentVariable("TMPDIR") ?? "/tmp"
  }

  private static func noRoom() -> Failure {
    let why = systemMessage()
    let folder = (try? temporaryFolder()) ?? "/tmp"
    return Failure(
      .databaseNotUsable,
      "cannot write a temporary file in \(printable(folder)): \(why); set TMPDIR to a folder with "
        + "free space")
  }

  private static func kind(of descriptor: Int32) -> mode_t {
    var info = stat()
    return fstat(descriptor, &info) == 0 ? info.st_mode & S_IFMT : 0
  }

  private static func unreadable(_ name: String) -> Failure {
    Failure(.inputMissing, "cannot read \(name): \(systemMessage())", fix: nil)
  }
}
