import Basics
import Glibc
import Terminal

/// A program that this one has started and will stop. Its output goes to a file, so that it does
/// not disturb the screen and can be shown if something fails.
struct ChildProcess {
  let name: String
  private let says: String
  private let process: pid_t
  private var status: Int32?
  /// The write end of the pipe that is the child's standard input.
  private let tie: Int32

  /// The child gets the environment given here and nothing else.
  init(
    _ name: String, _ words: [String], environment: [String], in folder: String
  ) throws(Failure) {
    self.name = name
    says = "\(folder)/\(name).txt"
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw Failure(.configuration, "cannot start \(name): \(systemMessage())")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let says = says
    var started: pid_t = 0
    let failure = withCStrings(environment) { variables in
      SiblingProgram(name: name).start(words) { place, arguments in
        Self.spawn(&started, place, arguments, variables, input: ends[0], output: says)
      }
    }
    if let failure {
      for end in ends { close(end) }
      throw failure
    }
    process = started
    tie = ends[1]
    Self.end(started, withWriterOf: ends[0])
    close(ends[0])
  }

  /// Makes the kernel send SIGTERM to the child when this program is gone, however it ended. Only
  /// this program holds the write end, so the pipe then has no writer, and that raises the signal.
  private static func end(_ process: pid_t, withWriterOf reading: Int32) {
    _ = fcntl(reading, F_SETOWN, process)
    _ = fcntl(reading, __F_SETSIG, SIGTERM)
    _ = fcntl(reading, F_SETFL, O_ASYNC)
  }

  /// Returns 0 or an error number.
  private static func spawn(
    _ process: inout pid_t, _ place: SiblingProgram.Place,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>,
    _ variables: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>,
    input: Int32, output: String
  ) -> Int32 {
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO)
    posix_spawn_file_actions_addopen(
      &files, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A process group of its own, because Ctrl-C is for this program, which stops the others in
    // order. The child must not inherit the signals that are blocked or ignored here.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var usual = sigset_t()
    sigemptyset(&usual)
    for number in [SIGPIPE, SIGTERM] { sigaddset(&usual, number) }
    posix_spawnattr_setsigdefault(&attributes, &usual)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    posix_spawnattr_setflags(&attributes, Int16(flags))
    return switch place {
    case .beside(let path):
      posix_spawn(&process, path, &files, &attributes, arguments, variables)
    case .inPath(let name):
      posix_spawnp(&process, name, &files, &attributes, arguments, variables)
    }
  }

  /// The exit status as a shell reports it; nil while the child runs.
  mutating func exitStatus() -> Int32? {
    if status == nil {
      var raw: Int32 = 0
      if waitpid(process, &raw, WNOHANG) == process {
        let signal = raw & 0x7f
        status = signal == 0 ? raw >> 8 & 0xff : 128 + signal
      }
    }
    return status
  }

  /// Its output so far, at most the first 4,000 bytes.
  func words() -> String {
    guard let file = try? InputFile(says) else { return "" }
    var bytes = [UInt8](repeating: 0, count: 4_000)
    let count = bytes.withUnsafeMutableBytes { (try? file.read(at: 0, into: $0)) ?? 0 }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  /// Asks the child to stop, gives it 3 s to clean up, then kills it.
  mutating func end() {
    if !endsAfter(SIGTERM) { _ = endsAfter(SIGKILL) }
    close(tie)
  }

  private mutating func endsAfter(_ signal: Int32) -> Bool {
    if exitStatus() != nil { return true }
    kill(process, signal)
    let latest = steadyMilliseconds() + 3_000
    while exitStatus() == nil {
      if steadyMilliseconds() > latest { return false }
      usleep(5_000)
    }
    return true
  }
}
