import CLinux
import Glibc

/// SIGTERM, SIGINT and SIGHUP as something that can be looked at and waited for, instead of something that
/// interrupts.
package struct StopSignals: ~Copyable {
  /// Readable when one has arrived.
  package let descriptor: Int32

  /// Whether SIGHUP asks for a reload of the configuration instead of the end.
  package let hangUpReloads: Bool

  private let numbers: [Int32]

  /// To be made before any thread is, so that no thread can be hit by them. `others` are looked at
  /// and waited for as well.
  package init(and others: [Int32] = []) { self.init(and: others, hangUpReloads: false) }

  private init(and others: [Int32], hangUpReloads: Bool) {
    self.hangUpReloads = hangUpReloads
    // What is ignored stays ignored: a shell's background jobs are not for Ctrl-C to end.
    let ends = ([SIGTERM, SIGINT] + others).filter { !Self.isIgnored($0) }
    numbers = ends + (hangUpReloads ? [SIGHUP] : [])
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in numbers { sigaddset(&signals, number) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    // `nohup` starts programs with SIGHUP ignored. Blocked, it no longer kills.
    if hangUpReloads { signal(SIGHUP, SIG_DFL) }
    descriptor = signalfd(-1, &signals, Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK))
    // A reader that went away is noticed by the failing write.
    signal(SIGPIPE, SIG_IGN)
  }

  /// The signals of a worker. A worker that was started on a terminal ends when the terminal is closed. Without
  /// a controlling terminal (systemd, cron, setsid), and under `nohup`, SIGHUP asks for a reload.
  package static func ofWorker() -> StopSignals {
    if hasControllingTerminal && !isIgnored(SIGHUP) { return StopSignals(and: [SIGHUP]) }
    return StopSignals(and: [], hangUpReloads: true)
  }

  /// Whether this signal asks for the end.
  package borrowing func isEnd(_ number: Int32) -> Bool { number != SIGHUP || !hangUpReloads }

  /// Asked at the start: once the terminal is closed, nobody has it any more.
  private static var hasControllingTerminal: Bool {
    let terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY)
    if terminal < 0 { return false }
    close(terminal)
    return true
  }

  deinit { close(descriptor) }

  /// The number of the signal that arrived next, if one has; each is answered once.
  package borrowing func next() -> Int32? {
    var info = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    return read(descriptor, &info, size) == size ? Int32(info.ssi_signo) : nil
  }

  /// Waits for one, and leaves it to `next`. False when none came.
  package borrowing func arrive(within milliseconds: Int) -> Bool {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&ready, 1, Int32(clamping: milliseconds)) > 0
  }

  /// The number of a signal that has arrived and has not been taken by `next`.
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
