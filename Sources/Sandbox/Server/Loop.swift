import Basics
import CMicroHTTPD
import Glibc
import Terminal

/// The only loop, and the only place that waits: for a connection, a callback's answer, a
/// deadline, a signal to stop and, if requested, the end of the parent. It costs nothing while idle.
struct Loop {
  private let stopSignal: Int32
  private let parent: Int32?

  /// Create this before anything can ask the program to stop: from here on signals are waited for.
  init(withParent: Bool) throws(Failure) {
    stopSignal = larkspur_stop_signal_descriptor()
    if stopSignal < 0 {
      throw Failure(.configuration, "cannot wait for signals: \(systemMessage())")
    }
    guard withParent else {
      parent = nil
      return
    }
    // Not PR_SET_PDEATHSIG, which reports the end of the thread that started this program: a test
    // runner's threads come and go.
    let descriptor = larkspur_process_descriptor(getppid())
    if descriptor < 0 {
      throw Failure(
        .configuration,
        "cannot watch the parent process: \(systemMessage()); leave out --exit-with-parent")
    }
    parent = descriptor
  }

  func run(_ server: Server) throws(Failure) {
    let ends = [stopSignal] + (parent.map { [$0] } ?? [])
    while true {
      var watched = ends.map(Self.readable) + server.watched
      wait(for: &watched, until: server.nextTurn)
      if watched.prefix(ends.count).contains(where: { $0.revents != 0 }) {
        return try server.stop()
      }
      try server.turn()
    }
  }

  private func wait(for watched: inout [pollfd], until moment: Microseconds?) {
    let rest = moment.map { max(0, $0 - monotonicNow()) } ?? -1
    larkspur_wait(&watched, nfds_t(watched.count), rest)
  }

  private static func readable(_ descriptor: Int32) -> pollfd {
    pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  }
}
