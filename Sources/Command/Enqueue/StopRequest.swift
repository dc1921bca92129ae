import Glibc
import Terminal

/// Ctrl-C and SIGTERM as something to check between two steps, instead of something that ends the
/// program at any point. Create it once, in a command that reports what it did when it is stopped.
struct StopRequest: ~Copyable {
  private let signals: StopSignals

  /// With `orHangUp`, a closed terminal counts too. Commands that must clean up need that, because
  /// SIGHUP would otherwise end them at once.
  init(orHangUp: Bool = false) { signals = StopSignals(and: orHangUp ? [SIGHUP] : []) }

  /// The exit code for a signal that has arrived, if any.
  var arrived: ExitCode? {
    signals.pending.map(Self.code)
  }

  static func code(of signal: Int32) -> ExitCode {
    switch signal {
    case SIGINT: .interrupted
    case SIGHUP: .hungUp
    default: .terminated
    }
  }

  /// Waits until `descriptor` can be read, a signal arrives, or the time is up.
  func wait(for descriptor: Int32?, milliseconds: Int) {
    // `poll` ignores a negative descriptor.
    var watched = [descriptor ?? -1, signals.descriptor].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    poll(&watched, nfds_t(watched.count), Int32(clamping: milliseconds))
  }
}
