import Basics
import Glibc

/// One callback on a connection of its own, which is closed when this object goes. It never waits.
final class CallbackConnection {
  static let answerMax = 256 * 1_024

  let callback: Callback
  private let socket: Int32
  private var unsent: ArraySlice<UInt8>
  private var received: [UInt8] = []

  init(
    _ callback: Callback, to address: CallbackAddress, sending request: [UInt8]
  ) throws(Invalid) {
    self.callback = callback
    unsent = request[...]
    let kind = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
    socket = Glibc.socket(AF_INET, Int32(kind), 0)
    if socket < 0 { throw Self.trouble("cannot open a socket") }
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_port = address.port.bigEndian
    target.sin_addr.s_addr = address.ipv4.bigEndian
    let isConnected = withUnsafePointer(to: &target) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    if !isConnected && errno != EINPROGRESS { throw Self.trouble("cannot connect") }
  }

  deinit { if socket >= 0 { close(socket) } }

  /// What the loop waits for before this can go on.
  var watched: pollfd {
    pollfd(fd: socket, events: Int16(unsent.isEmpty ? POLLIN : POLLOUT), revents: 0)
  }

  /// Goes on as far as possible without waiting, and returns the outcome if it has ended.
  func proceed(at now: Microseconds) -> CallbackOutcome? {
    do throws(Invalid) {
      try send()
      if unsent.isEmpty, let outcome = try receive() { return outcome }
    } catch {
      return .failed(error.reason)
    }
    return now >= callback.deadline ? .failed(callback.lateness) : nil
  }

  private func send() throws(Invalid) {
    while !unsent.isEmpty {
      let sent = unsent.withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if sent > 0 {
        unsent = unsent.dropFirst(sent)
      } else if errno == EAGAIN {
        // Also while the connection is being made.
        return
      } else if errno != EINTR {
        throw Self.trouble("cannot send the callback")
      }
    }
  }

  private func receive() throws(Invalid) -> CallbackOutcome? {
    var isClosed = false
    var piece = [UInt8](repeating: 0, count: 16_384)
    while !isClosed {
      let count = recv(socket, &piece, piece.count, 0)
      if count > 0 {
        received += piece.prefix(count)
        if received.count > Self.answerMax { throw Invalid(reason: "the answer is too large") }
      } else if count == 0 {
        isClosed = true
      } else if errno == EAGAIN {
        break
      } else if errno != EINTR {
        throw Self.trouble("cannot read the answer")
      }
    }
    switch HTTPAnswer(received, isClosed: isClosed) {
    case .complete(let status, let body): return .answered(status: status, body: body)
    case .malformed: throw Invalid(reason: "the answer is not HTTP")
    case .incomplete where isClosed:
      throw Invalid(reason: "the connection was closed before the answer was complete")
    case .incomplete: return nil
    }
  }

  private static func trouble(_ what: String) -> Invalid {
    Invalid(reason: "\(what): \(systemMessage())")
  }
}
