import Basics
import Glibc
import Terminal

/// A TCP socket on this machine, closed when it goes. What it reads and writes is short, and so is
/// its patience.
struct LoopbackSocket: ~Copyable {
  private static let messageMax = 1_024 * 1_024
  private static let patience_s = 3

  let descriptor: Int32

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Listens on a free port.
  static func listening() throws(Failure) -> LoopbackSocket {
    let listener = try made()
    let isBound = address(port: 0) { bind(listener.descriptor, $0, $1) == 0 }
    // A whole chat connects at once.
    guard isBound, listen(listener.descriptor, 1_024) == 0,
      fcntl(listener.descriptor, F_SETFL, O_NONBLOCK) == 0
    else { throw trouble("listen on a port of 127.0.0.1") }
    return listener
  }

  static func connected(to port: UInt16) throws(Failure) -> LoopbackSocket {
    let socket = try made()
    socket.limitWaits()
    guard address(port: port, { connect(socket.descriptor, $0, $1) == 0 }) else {
      throw trouble("connect to port \(port) of 127.0.0.1")
    }
    return socket
  }

  var port: UInt16 {
    var name = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
    }
    return UInt16(bigEndian: name.sin_port)
  }

  /// The next connection that waits; nil if there is none.
  borrowing func accepted() -> LoopbackSocket? {
    let descriptor = accept(descriptor, nil, nil)
    if descriptor < 0 { return nil }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    let connection = LoopbackSocket(descriptor)
    connection.limitWaits()
    return connection
  }

  /// Reads until `isWhole` or the other end has closed; nil if neither happens in time.
  borrowing func read(until isWhole: (String) -> Bool) -> String? {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16_384)
    while bytes.count < Self.messageMax {
      let count = recv(descriptor, &piece, piece.count, 0)
      if count < 0 {
        if errno == EINTR { continue }
        return nil
      }
      bytes += piece.prefix(count)
      let text = String(decoding: bytes, as: UTF8.self)
      if count == 0 || isWhole(text) { return text }
    }
    return nil
  }

  /// Whether all of it was taken in time.
  borrowing func write(_ text: String) -> Bool {
    var unsent = Array(text.utf8)[...]
    while !unsent.isEmpty {
      let sent = unsent.withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if sent < 0 && errno != EINTR { return false }
      unsent = unsent.dropFirst(max(0, sent))
    }
    return true
  }

  private static func made() throws(Failure) -> LoopbackSocket {
    let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue
    let descriptor = socket(AF_INET, Int32(kind), 0)
    if descriptor < 0 { throw trouble("open a socket") }
    return LoopbackSocket(descriptor)
  }

  private borrowing func limitWaits() {
    var patience = timeval(tv_sec: Self.patience_s, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(
        descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  private static func address<Result>(
    port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  private static func trouble(_ what: String) -> Failure {
    Failure(
      .unreachable, "cannot \(what): \(systemMessage()); check that the loopback interface is up")
  }
}
