import Glibc

/// Reads small files whole.
package enum TextFile {
  package struct Problem: Error {
    package let code: Int32
    package let why: String
  }

  /// `patience_ms` is how long to wait for the program that writes to a pipe.
  package static func read(
    _ path: String, atMost limit: Int, patience_ms: Int32 = 0
  ) -> Result<[UInt8], Problem> {
    // Opening a pipe must not wait for its writer, because the worker's loop would wait with it.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { return .failure(Problem(code: errno, why: systemMessage())) }
    defer { close(file) }
    return read(file, atMost: limit, patience_ms: patience_ms)
  }

  /// Standard input, for which this waits. Opening it once more would fail for a socket, and for another
  /// user's pipe.
  package static func readInput(atMost limit: Int) -> Result<[UInt8], Problem> {
    read(STDIN_FILENO, atMost: limit, patience_ms: -1)
  }

  private static func read(
    _ file: Int32, atMost limit: Int, patience_ms: Int32
  ) -> Result<[UInt8], Problem> {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = Glibc.read(file, &piece, piece.count)
      if count < 0 {
        if errno == EINTR { continue }
        var waiting = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
        if errno == EAGAIN, patience_ms != 0, poll(&waiting, 1, patience_ms) > 0 { continue }
        return .failure(Problem(code: errno, why: systemMessage()))
      }
      if count == 0 { return .success(bytes) }
      bytes += piece.prefix(count)
      if bytes.count > limit {
        return .failure(Problem(code: EFBIG, why: "it is larger than \(limit) bytes"))
      }
    }
  }
}
