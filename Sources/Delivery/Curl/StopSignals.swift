import CLinux
import Glibc

/// SIGTERM and SIGINT as something that can be read, instead of something that interrupts.
package struct StopSignals: ~Copyable {
  package let descriptor: Int32

  /// To be made before any thread is, so that no thread can be hit by them.
  package init() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    sigaddset(&signals, SIGINT)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    descriptor = signalfd(-1, &signals, Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK))
    // A reader that went away is noticed by the failing write.
    signal(SIGPIPE, SIG_IGN)
  }

  deinit { close(descriptor) }

  /// The number of the signal that arrived next, if one has.
  package borrowing func next() -> Int32? {
    var info = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    return read(descriptor, &info, size) == size ? Int32(info.ssi_signo) : nil
  }
}
