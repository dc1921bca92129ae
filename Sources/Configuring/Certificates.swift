import Basics
import Delivery
import Terminal

/// The certificate files that hosts are checked against. A file that cannot be used is found when
/// the configuration is read, not when the first call fails.
enum Certificates {
  /// `SSL_CERT_FILE` is for everything on this machine. OpenSSL reads it, but libcurl does not. An
  /// account's own `ca_file` takes precedence.
  static func choose(for accounts: inout [AccountSettings]) throws(Failure) {
    guard let path = try environmentVariable("SSL_CERT_FILE") else { return }
    let theirs = accounts.indices.filter {
      accounts[$0].trust == .system && accounts[$0].host.hasPrefix("https:")
    }
    if !theirs.isEmpty { try check(path, from: "SSL_CERT_FILE") }
    for index in theirs {
      accounts[index].trust = .systemFile(path)
      accounts[index].changeExceptions { $0.trust = .systemFile(path) }
    }
  }

  static func check(_ path: String, from place: String) throws(Failure) {
    switch TextFile.read(path, atMost: bytesMax) {
    case .failure(let problem):
      throw Failure(
        .configuration,
        "cannot read certificate file \(printable(path)): \(problem.why) "
          + "(set by \(place))")
    case .success(let bytes):
      if String(decoding: bytes, as: UTF8.self).contains(opening) { return }
      throw Failure(
        .configuration,
        "certificate file \(printable(path)) contains no PEM certificate (set by \(place))")
    }
  }

  private static let opening = "-----BEGIN "
  /// Certificate files of common systems have about a quarter of a megabyte.
  private static let bytesMax = 10_000_000
}
