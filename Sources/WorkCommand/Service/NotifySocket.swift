import Glibc

/// The socket on which a service manager such as systemd listens, as sd_notify(3) describes it.
final class NotifySocket {
  private let descriptor: Int32
  private var address = sockaddr_un()
  private let size: socklen_t

  /// `name` is an absolute path, or `@` and an abstract name. Nil for anything else.
  init?(_ name: [UInt8]) {
    let isAbstract = name.first == UInt8(ascii: "@")
    let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 0
    let most = MemoryLayout.size(ofValue: address.sun_path)
    guard isAbstract || name.first == UInt8(ascii: "/"), name.count > 1, name.count < most else {
      return nil
    }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { path in
      path.copyBytes(from: name)
      if isAbstract { path[0] = 0 }
    }
    // A path ends with a zero byte, and an abstract name with the length.
    size = socklen_t(offset + name.count + (isAbstract ? 0 : 1))
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    if descriptor < 0 { return nil }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Sends one datagram. One that cannot be delivered now is dropped: the worker never waits for its manager.
  func send(_ message: String) {
    let bytes = Array(message.utf8)
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = sendto(
          descriptor, bytes, bytes.count,
          Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL),
          $0, size)
      }
    }
  }
}
