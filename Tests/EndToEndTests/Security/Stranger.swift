import Foundation
import Programs

/// A server on this machine that is not Feishu, or is a hostile one. It keeps the requests that it
/// receives and answers as told. Each connection carries one request.
final class Stranger: @unchecked Sendable {
  private let listener: Int32
  let port: UInt16
  private let answer: @Sendable (String) -> String
  private let encode: @Sendable (String) -> [UInt8]
  private let lock = NSLock()
  private var received: [String] = []

  /// `answer` gets the raw request and returns the raw response.
  init(
    encode: @escaping @Sendable (String) -> [UInt8] = { Array($0.utf8) },
    answer: @escaping @Sendable (String) -> String
  ) throws {
    self.answer = answer
    self.encode = encode
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isUp = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 100) == 0
          && getsockname(listener, $0, &size) == 0
      }
    }
    guard isUp else { throw CocoaError(.fileWriteUnknown) }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [weak self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        self?.serve(connection)
        close(connection)
      }
    }
  }

  deinit {
    // Only this wakes a thread that waits in `accept`.
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  var address: String { "http://127.0.0.1:\(port)" }

  /// The requests received, each with its request line, headers and body.
  var requests: [String] { lock.withLock { received } }

  private func serve(_ connection: Int32) {
    // A time limit for a client that never finishes its request.
    var patience = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(
      connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while !Self.isWhole(bytes) {
      let count = recv(connection, &piece, piece.count, 0)
      if count <= 0 { break }
      bytes += piece.prefix(count)
    }
    let request = String(decoding: bytes, as: UTF8.self)
    lock.withLock { received.append(request) }
    let reply = encode(answer(request))
    _ = send(connection, reply, reply.count, Int32(MSG_NOSIGNAL))
  }

  private static func isWhole(_ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.range(of: "\r\n\r\n") else { return false }
    let length = text.range(of: "Content-Length: ").map {
      text[$0.upperBound...].prefix { $0.isNumber }
    }
    return text[end.upperBound...].utf8.count >= length.flatMap { Int($0) } ?? 0
  }
}

extension Stranger {
  /// An access token that is easy to find wherever it ends up.
  static let accessToken = "t-canary-of-the-access-token"

  /// A server that issues that access token and answers everything else with `answer`.
  convenience init(
    encode: @escaping @Sendable (String) -> [UInt8] = { Array($0.utf8) },
    afterLogin answer: @escaping @Sendable (String) -> String
  ) throws {
    try self.init(encode: encode) { request in
      if !request.hasPrefix("POST /open-apis/auth/") { return answer(request) }
      return Stranger.json(
        #"{"code":0,"msg":"ok","tenant_access_token":"\#(Stranger.accessToken)","expire":7200}"#)
    }
  }

  static func json(_ body: String, status: Int = 200, headers: [String] = []) -> String {
    let head =
      [
        "HTTP/1.1 \(status) Whatever", "Content-Type: application/json",
        "Content-Length: \(body.utf8.count)", "Connection: close",
      ] + headers
    return head.joined(separator: "\r\n") + "\r\n\r\n" + body
  }
}
