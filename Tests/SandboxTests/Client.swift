import CMicroHTTPD
import Glibc
import Testing

@testable import Sandbox

/// One connection that never blocks. When it cannot go on, the server gets a turn.
final class Client {
  private let server: Server
  private let socket: Int32
  private var unsent: ArraySlice<UInt8> = []

  init(of server: Server) {
    self.server = server
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = server.port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  deinit { close(socket) }

  func send(_ text: String) {
    unsent += Array(text.utf8)
    write()
  }

  /// Everything up to the end of the answer, or of the connection.
  func answer() throws -> String {
    var received: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    for _ in 0..<10_000 {
      write()
      try server.turn()
      let count = recv(socket, &piece, piece.count, Int32(MSG_DONTWAIT))
      if count > 0 { received += piece.prefix(count) }
      let text = String(decoding: received, as: UTF8.self)
      if count == 0 || isComplete(text) { return text }
      if count < 0 && unsent.isEmpty { wait() }
    }
    Issue.record("there was no answer")
    return ""
  }

  private func isComplete(_ text: String) -> Bool {
    guard let end = text.firstRange(of: "\r\n\r\n"),
      let start = text.firstRange(of: "Content-Length: ")
    else { return false }
    let digits = text[start.upperBound...].prefix { $0.isNumber }
    return text[end.upperBound...].utf8.count == Int(digits)
  }

  private func write() {
    guard !unsent.isEmpty else { return }
    let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
    let sent = unsent.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, flags) }
    if sent > 0 { unsent = unsent.dropFirst(sent) }
  }

  /// Waits until the server has something to do or something has come back.
  private func wait() {
    var watched = server.watched + [pollfd(fd: socket, events: Int16(POLLIN), revents: 0)]
    let rest = server.nextTurn.map { max(0, $0 - monotonicNow()) } ?? second
    larkspur_wait(&watched, nfds_t(watched.count), min(rest, second))
  }
}
