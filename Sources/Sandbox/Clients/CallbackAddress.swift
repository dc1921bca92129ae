import Terminal

/// Where callbacks are sent: plain HTTP on this machine. That needs no name look-up, which could
/// block the only thread, and no TLS.
struct CallbackAddress: Equatable {
  /// As it was given, with the port: the Host header.
  let host: String
  let ipv4: UInt32
  let port: UInt16
  let target: String

  var url: String { "http://\(host)\(target)" }

  init(parsing text: String, for option: String = "--callback") throws(Failure) {
    let form = text.wholeMatch(
      of: #/http://(?<host>[^\/:?#@]+)(:(?<port>\d{1,5}))?(?<target>[\/?].*)?/#)
    guard let form, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }),
      let ipv4 = Self.loopback(form.host), let port = UInt16(form.port ?? "80"), port > 0
    else {
      throw Failure(
        .usage,
        "\(option) takes an address on this machine, as in http://127.0.0.1:8000/callback, "
          + "not '\(printable(text))'")
    }
    self.ipv4 = ipv4
    self.port = port
    host = port == 80 ? String(form.host) : "\(form.host):\(port)"
    let target = form.target.map(String.init) ?? "/"
    self.target = target.hasPrefix("?") ? "/\(target)" : target
  }

  private static func loopback(_ host: Substring) -> UInt32? {
    if host.lowercased() == "localhost" { return 0x7F00_0001 }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    guard parts.count == 4, parts[0] == 127 else { return nil }
    return parts.reduce(0) { sum, part in
      if let sum, let part { sum << 8 | UInt32(part) } else { nil }
    }
  }

  /// The whole request, which asks for the connection to be closed. On a connection that is kept,
  /// the app may close it just as the next request is sent, and that one could not be repeated.
  func request(_ sealed: Sealing.Sealed) -> [UInt8] {
    var head = """
      POST \(target) HTTP/1.1\r
      Host: \(host)\r
      Content-Type: application/json; charset=utf-8\r
      Content-Length: \(sealed.body.count)\r
      Connection: close\r

      """
    for (name, value) in sealed.headers.sorted(by: { $0.key < $1.key }) {
      head += "\(name): \(value)\r\n"
    }
    return Array("\(head)\r\n".utf8) + sealed.body
  }
}
