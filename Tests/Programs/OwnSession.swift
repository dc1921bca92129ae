import Foundation

/// A program in a session of its own, as `setsid` makes one: on a terminal that can be closed, or
/// without one.
package final class OwnSession {
  package enum Terminal { case none, own }

  package let pid: pid_t
  private var terminal: Int32
  private let log: URL
  private var status: Int32?

  /// `input` is what it reads if not the terminal.
  package init(
    _ terminal: Terminal, _ path: String, _ arguments: [String], _ environment: [String: String],
    input: Pipe? = nil
  ) throws {
    log = FileManager.default.temporaryDirectory.appending(path: "larkspur-session-\(UUID())")
    try Data().write(to: log)
    self.terminal = terminal == .own ? try Self.openTerminal() : -1
    let output = terminal == .own ? try Self.name(of: self.terminal) : log.path
    pid = try Self.spawn(
      path, arguments, environment, input: input?.fileHandleForReading.fileDescriptor,
      output: output, isTerminal: terminal == .own)
  }

  deinit {
    // Also kills everything that it has started.
    kill(-pid, SIGKILL)
    if status == nil { waitpid(pid, nil, 0) }
    closeTerminal()
    try? FileManager.default.removeItem(at: log)
  }

  /// Swift's module leaves out `posix_openpt`. This is what it does on Linux.
  private static func openTerminal() throws -> Int32 {
    let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
    var isLocked: Int32 = 0
    let lock: UInt = 0x4004_5431  // TIOCSPTLCK
    guard terminal >= 0, ioctl(terminal, lock, &isLocked) == 0 else {
      throw Place.Trouble("this machine has no pseudo-terminal")
    }
    return terminal
  }

  private static func name(of terminal: Int32) throws -> String {
    var number: UInt32 = 0
    let which: UInt = 0x8004_5430  // TIOCGPTN
    guard ioctl(terminal, which, &number) == 0 else {
      throw Place.Trouble("a terminal has no name")
    }
    return "/dev/pts/\(number)"
  }

  /// The terminal becomes the session's own because it is the first that the session's leader
  /// opens.
  private static func spawn(
    _ path: String, _ arguments: [String], _ environment: [String: String], input: Int32?,
    output: String, isTerminal: Bool
  ) throws -> pid_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Otherwise the program inherits the test's blocked and ignored signals.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    let ownSession: Int16 = 0x80  // POSIX_SPAWN_SETSID, which Swift's module leaves out
    posix_spawnattr_setflags(
      &attributes, ownSession | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    // Before descriptor 0 is changed, because the pipe may have that number.
    if let input { posix_spawn_file_actions_adddup2(&files, input, 0) }
    posix_spawn_file_actions_addopen(
      &files, 1, output, isTerminal ? O_RDWR : O_WRONLY | O_APPEND, 0)
    posix_spawn_file_actions_adddup2(&files, 1, 2)
    if input == nil {
      if isTerminal {
        posix_spawn_file_actions_adddup2(&files, 1, 0)
      } else {
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
      }
    }
    let variables = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"].merging(environment) { $1 }
    var words = ([path] + arguments).map { strdup($0) } + [nil]
    var settings = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in words + settings { free(text) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, path, &files, &attributes, &words, &settings)
    guard code == 0 else { throw Place.Trouble("\(path) cannot be started: \(code)") }
    return pid
  }

  /// What it has written so far.
  package private(set) var output = ""

  @discardableResult
  package func read() -> String {
    if terminal < 0 {
      output = (try? String(contentsOf: log, encoding: .utf8)) ?? output
      return output
    }
    var piece = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = Foundation.read(terminal, &piece, piece.count)
      guard count > 0 else { return output }
      output += String(decoding: piece.prefix(count), as: UTF8.self)
    }
  }

  package func send(_ signal: Int32) { if isRunning { kill(pid, signal) } }

  /// As if the window was closed or the connection broke.
  package func closeTerminal() {
    if terminal >= 0 { close(terminal) }
    terminal = -1
  }

  package var isRunning: Bool {
    if status != nil { return false }
    var word: Int32 = 0
    if waitpid(pid, &word, WNOHANG) == pid { status = word }
    return status == nil
  }

  /// Its exit status as a shell reports it; nil if it has not ended within this time.
  package func end(within seconds: Double = 60) -> Int32? {
    guard
      eventually(
        within: seconds,
        {
          read(); return !isRunning
        }), let status
    else { return nil }
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal
  }
}
