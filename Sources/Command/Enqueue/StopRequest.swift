import Glibc
import Terminal

/// Ctrl-C and SIGTERM as something to look at between two steps, instead of something that ends the
/// program wherever it is. Made once, when there is something to say at the end.
struct StopRequest: ~Copyable {
  private let signals: StopSignals

  /// A terminal that is closed ends a program too; who has something to put away is told of that.
  init(orHangUp: Bool = false) { signals = StopSignals(and: orHangUp ? [SIGHUP] : []) }

  /// How to end, when a signal has arrived.
  var arrived: ExitCode? {
    switch signals.pending {
    case nil: nil
    case SIGINT: .interrupted
    case SIGHUP: .hungUp
    default: .terminated
    }
  }

  /// Waits until `descriptor` can be read, a signal arrives, or the time is up.
  func wait(for descriptor: Int32?, milliseconds: Int) {
    // A negative descriptor is one that is not waited for.
    var watched = [descriptor ?? -1, signals.descriptor].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    poll(&watched, nfds_t(watched.count), Int32(clamping: milliseconds))
  }
}
