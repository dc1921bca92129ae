import Glibc

/// Replaces a file as a whole: a reader sees the old content or the new one, and never a part.
package enum ReplacedFile {
  /// Writes a temporary file in the same folder and renames it. Returns the error code of the
  /// operating system, or nil. The file gets this mode whatever the umask is.
  package static func write(_ bytes: [UInt8], to path: String, mode: mode_t) -> Int32? {
    write(to: path, mode: mode) { file in append(bytes, to: file) }
  }

  /// The same for content that is made in parts. `content` writes it to the descriptor that it is
  /// given and returns an error code or nil. If it throws, the old file stays.
  package static func write<Trouble: Error>(
    to path: String, mode: mode_t, _ content: (Int32) throws(Trouble) -> Int32?
  ) throws(Trouble) -> Int32? {
    // A link goes on to lead to the file.
    let place = resolvedPath(path) ?? path
    // Another process may write the same file at the same time.
    let temporary = "\(place).\(getpid()).tmp"
    // One may be left of a process with this number that was killed.
    unlink(temporary)
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    if file < 0 { return errno }
    var code: Int32?
    do throws(Trouble) {
      code = try content(file)
    } catch {
      close(file)
      unlink(temporary)
      throw error
    }
    if code == nil, fchmod(file, mode) != 0 { code = errno }
    if close(file) != 0, code == nil { code = errno }
    if code == nil, rename(temporary, place) != 0 { code = errno }
    if code != nil { unlink(temporary) }
    return code
  }

  /// Writes all of the bytes. Returns an error code, or nil.
  package static func append(_ bytes: [UInt8], to file: Int32) -> Int32? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        return errno
      }
      rest = rest.dropFirst(count)
    }
    return nil
  }
}
