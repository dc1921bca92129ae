import Basics
import Glibc
import Terminal

/// The help of a command that another program carries out, as that program prints it.
enum SiblingHelp {
  static func text(of program: (name: String, words: [String])) throws(Failure) -> String {
    let (code, text) = try output(of: program.name, program.words + ["--help"])
    guard code == 0, let text else {
      throw Failure(
        .configuration,
        "\(program.name) did not print its help: it ended with \(code); install the version that "
          + "belongs to this larkspur")
    }
    return text
  }

  /// The exit status as a shell reports it, and what the program printed; nil if it is not UTF-8.
  private static func output(
    of name: String, _ words: [String]
  ) throws(Failure) -> (code: Int32, text: String?) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw Failure(.configuration, "cannot start \(name): \(systemMessage())")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    var process: pid_t = 0
    let failure = SiblingProgram(name: name).start(words) { place, arguments in
      spawn(&process, place, arguments, output: ends[1])
    }
    close(ends[1])
    if let failure { throw failure }
    let bytes = everything(from: ends[0])
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    let signal = status & 0x7f
    return (
      signal == 0 ? status >> 8 & 0xff : 128 + signal,
      bytes.withUnsafeBytes { String(validating: $0, as: UTF8.self) }
    )
  }

  /// Returns 0 or an error number.
  private static func spawn(
    _ process: inout pid_t, _ place: SiblingProgram.Place,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, output: Int32
  ) -> Int32 {
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO)
    return switch place {
    case .beside(let path): posix_spawn(&process, path, &files, nil, arguments, environ)
    case .inPath(let name): posix_spawnp(&process, name, &files, nil, arguments, environ)
    }
  }

  private static func everything(from descriptor: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = read(descriptor, &part, part.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return bytes }
      bytes += part[..<count]
    }
  }
}
