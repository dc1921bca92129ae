import Glibc
import Terminal

/// What the system hands to a program, read strictly.
enum ProcessInput {
  /// A variable of the environment; one that is set to nothing counts as not set.
  static func variable(_ name: String) throws(Failure) -> String? {
    guard let bytes = getenv(name), bytes.pointee != 0 else { return nil }
    guard let value = String(validatingCString: bytes) else {
      throw Failure(.usage, "the variable \(name) is not UTF-8.")
    }
    return value
  }
}

/// Standard input, output and error.
enum StandardStreams {
  /// Whatever of them is closed is opened on nothing, so that no file which is opened later takes its
  /// number and receives what is meant for a person. Nothing can be written to it: results that go
  /// nowhere must not look delivered.
  static func hold() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest free number is the one that was found closed.
      _ = open("/dev/null", O_RDONLY)
    }
  }
}
