import Glibc
import Terminal

/// The environment, read strictly.
enum ProcessInput {
  /// The value of an environment variable. An empty variable counts as unset.
  static func variable(_ name: String) throws(Failure) -> String? {
    guard let bytes = getenv(name), bytes.pointee != 0 else { return nil }
    guard let value = String(validatingCString: bytes) else {
      throw Failure(.usage, "environment variable \(name) is not UTF-8")
    }
    return value
  }
}

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
