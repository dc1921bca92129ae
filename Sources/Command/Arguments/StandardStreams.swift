import Glibc

/// Standard input, output and error.
enum StandardStreams {
  /// Opens /dev/null in place of each one that is closed. Otherwise a file opened later would get
  /// its number and receive text meant for the user. It is opened for reading only, so that writing
  /// results to it fails instead of looking like success.
  static func hold() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // `open` returns the lowest free number, which is the closed one.
      _ = open("/dev/null", O_RDONLY)
    }
  }
}
