import Foundation
import Programs

/// A service manager's socket, and what has arrived there.
final class Manager {
  let address: String
  private let socket: Int32
  private(set) var datagrams: [String] = []

  /// An abstract name needs no folder and is seen from any.
  init(at path: String? = nil) throws {
    address = path ?? "@larkspur-test-\(UUID())"
    let name = Array(address.utf8)
    socket = Foundation.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var place = sockaddr_un()
    place.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &place.sun_path) {
      $0.copyBytes(from: name)
      if path == nil { $0[0] = 0 }
    }
    let size = socklen_t(MemoryLayout<sa_family_t>.size + name.count + (path == nil ? 0 : 1))
    let isBound = withUnsafePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) == 0 }
    }
    guard isBound else { throw Place.Trouble("no socket at \(address)") }
  }

  deinit { close(socket) }

  /// All lines that have arrived until now.
  @discardableResult
  func read() -> [String] {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = recv(socket, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      guard count > 0 else { break }
      datagrams.append(String(decoding: bytes.prefix(count), as: UTF8.self))
    }
    return lines
  }

  private var lines: [String] { datagrams.flatMap { $0.split(separator: "\n").map(String.init) } }

  func count(_ line: String) -> Int { read().count { $0 == line } }

  /// Whether a line that begins so arrives after the first `skipped` ones.
  func hears(_ beginning: String, after skipped: Int = 0, within seconds: Double = 30) -> Bool {
    eventually(within: seconds) {
      read().dropFirst(skipped).contains { $0.hasPrefix(beginning) }
    }
  }

  /// Empties the socket and returns how many lines there have been.
  func seen() -> Int { read().count }
}
