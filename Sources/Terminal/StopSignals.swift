import CLinux
import Glibc

/// SIGTERM, SIGINT and SIGHUP as something to poll and wait for, instead of something that
/// interrupts.
package struct StopSignals: ~Copyable {
  /// Readable when a signal has arrived.
  package let descriptor: Int32

  /// Whether SIGHUP means to reload the configuration instead of to stop.
  package let hangUpReloads: Bool

  private let numbers: [Int32]

  /// Create this before any thread, so that the signals are blocked in all of them. `others` are
  /// further signals to watch.
  package init(and others: [Int32] = []) { self.init(and: others, hangUpReloads: false) }

  private init(and others: [Int32], hangUpReloads: Bool) {
    self.hangUpReloads = hangUpReloads
    // An ignored signal stays ignored: Ctrl-C must not end a shell's background jobs.
    let ends = ([SIGTERM, SIGINT] + others).filter { !Self.isIgnored($0) }
    numbers = ends + (hangUpReloads ? [SIGHUP] : [])
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in numbers { sigaddset(&signals, number) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    // `nohup` starts programs with SIGHUP ignored. It is blocked here, so the default action cannot
    // kill.
    if hangUpReloads { signal(SIGHUP, SIG_DFL) }
    descriptor = signalfd(-1, &signals, Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK))
    // If the reader of a pipe is gone, the failing write tells.
    signal(SIGPIPE, SIG_IGN)
  }

  /// The signals of a worker. A worker that was started on a terminal stops when the terminal is
  /// closed. Without a controlling terminal (systemd, cron, setsid), and under `nohup`, SIGHUP
  /// means reload.
  package static func ofWorker() -> StopSignals {
    if hasControllingTerminal && !isIgnored(SIGHUP) { return StopSignals(and: [SIGHUP]) }
    return StopSignals(and: [], hangUpReloads: true)
  }

  /// Whether this signal means to stop.
  package borrowing func isEnd(_ number: Int32) -> Bool { number != SIGHUP || !hangUpReloads }

  /// Must be called at the start: once the terminal is closed, it cannot be opened any more.
  private static var hasControllingTerminal: Bool {
    let terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY)
    if terminal < 0 { return false }
    close(terminal)
    return true
  }

  deinit { close(descriptor) }

  /// Takes the next signal that has arrived, if any. Each is returned once.
  package borrowing func next() -> Int32? {
    var info = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    return read(descriptor, &info, size) == size ? Int32(info.ssi_signo) : nil
  }

  /// Waits for a signal and leaves it for `next`. Returns false if none came.
  package borrowing func arrive(within milliseconds: Int) -> Bool {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&ready, 1, Int32(clamping: milliseconds)) > 0
  }

  /// A signal that has arrived and has not been taken by `next`.
  package var pending: Int32? {
    var signals = sigset_t()
    sigpending(&signals)
    return numbers.first { sigismember(&signals, $0) == 1 }
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
