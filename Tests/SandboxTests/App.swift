import CMicroHTTPD
import Glibc
import Testing

@testable import Sandbox

/// An app's callback address, driven on the test's own thread: while it waits, the server gets its
/// turns.
final class App {
  private let listener: Int32
  private var connection: Int32 = -1
  /// Earlier connections, which stay open.
  private var held: [Int32] = []
  let port: UInt16

  init() throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = listener
    let isListening = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && listen(descriptor, 16) == 0
          && getsockname(descriptor, $0, &size) == 0
      }
    }
    try #require(isListening)
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit {
    hangUp()
    for connection in held { close(connection) }
    close(listener)
  }

  var settings: ClientSettings {
    get throws {
      ClientSettings(callback: try CallbackAddress(parsing: "http://127.0.0.1:\(port)/callback"))
    }
  }

  /// The next request, whole, on a connection of its own.
  func request(from server: Server) throws -> String {
    if connection >= 0 { held.append(connection) }
    connection = -1
    var received: [UInt8] = []
    for _ in 0..<10_000 {
      if connection < 0 { connection = accept(listener, nil, nil) }
      var piece = [UInt8](repeating: 0, count: 65_536)
      if connection >= 0 {
        let count = recv(connection, &piece, piece.count, Int32(MSG_DONTWAIT))
        if count > 0 { received += piece.prefix(count) }
      }
      let text = String(decoding: received, as: UTF8.self)
      if Self.isComplete(text) { return text }
      try wait(for: server)
    }
    Issue.record("there was no request")
    return ""
  }

  func answer(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  func answer(json: String) {
    answer("HTTP/1.1 200 OK\r\nContent-Length: \(json.utf8.count)\r\n\r\n\(json)")
  }

  /// Echoes the challenge, which is the next request.
  func echo(from server: Server) throws {
    let challenge = try request(from: server).split(separator: "\"")
    let index = try #require(challenge.firstIndex(of: "challenge"))
    answer(json: #"{"challenge":"\#(challenge[index + 2])"}"#)
  }

  func hangUp() {
    if connection >= 0 { close(connection) }
    connection = -1
  }

  /// Gives the server turns until this holds.
  func wait(for server: Server, until isSo: () -> Bool) throws {
    for _ in 0..<10_000 {
      if isSo() { return }
      try wait(for: server)
    }
    Issue.record("it never was so")
  }

  private func wait(for server: Server) throws {
    var watched =
      server.watched + [
        pollfd(
          fd: connection < 0 ? listener : connection, events: Int16(POLLIN), revents: 0)
      ]
    larkspur_wait(&watched, nfds_t(watched.count), 1_000)
    try server.turn()
  }

  private static func isComplete(_ text: String) -> Bool {
    guard let end = text.firstRange(of: "\r\n\r\n"),
      let start = text.firstRange(of: "Content-Length: ")
    else { return false }
    let digits = text[start.upperBound...].prefix { $0.isNumber }
    return text[end.upperBound...].utf8.count == Int(digits)
  }
}
