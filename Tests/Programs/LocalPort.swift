import Foundation

/// A port of this machine that no other program has while this value lives.
package struct LocalPort: ~Copyable {
  private let file: Int32
  package let number: UInt16

  package init() throws {
    file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let file = file
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(file, $0, size) == 0 && getsockname(file, $0, &size) == 0
      }
    }
    number = UInt16(bigEndian: address.sin_port)
    guard isBound else { throw Place.Trouble("no port of this machine is free: \(errno)") }
  }

  /// From now on connections are accepted, and nothing answers.
  package func listenAndStayMute() throws {
    guard listen(file, 10) == 0 else { throw Place.Trouble("cannot listen: \(errno)") }
  }

  deinit { close(file) }
}
