import Foundation
import Programs

/// A scripted Feishu behind TLS and HTTP/2, with its own certificate: `server.py`. It needs
/// `python3` and `openssl`.
final class SecureFeishu {
  private static let script = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "server.py").path

  private let server: Started
  private let folder: URL
  let port: String
  var certificate: String { folder.appending(path: "certificate.pem").path }
  var address: String { "https://127.0.0.1:\(port)" }

  static let canBeMade: Bool = ["python3", "openssl"].allSatisfy {
    let option = $0 == "openssl" ? "version" : "--version"
    return (try? Programs.startOther($0, [option]).finish(within: 20))?.status == 0
  }

  /// `deeds` has one entry per request, in order of arrival. All later requests are answered.
  init(_ deeds: [String]) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "larkspur-tls-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let certificate = folder.appending(path: "certificate.pem").path
    let key = folder.appending(path: "key.pem").path
    let made = try Programs.startOther(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
        "-addext", "subjectAltName=IP:127.0.0.1",
      ]
    ).finish()
    guard made.status == 0 else { throw Place.Trouble("no certificate: \(made.err)") }
    let server = try Programs.startOther("python3", [Self.script, certificate, key] + deeds)
    guard eventually({ server.output.contains("\n") }) else {
      throw Place.Trouble("the server did not start: \(server.errors)")
    }
    self.server = server
    port = String(server.output.prefix { $0 != "\n" })
  }

  deinit {
    server.kill(SIGKILL)
    try? FileManager.default.removeItem(at: folder)
  }

  struct Received: Decodable {
    let connection: Int
    let stream: Int
    let deed: String
    let body: String
  }

  /// The requests received, without those for an access token.
  func calls() throws -> [Received] {
    try server.output.split(separator: "\n").dropFirst().map {
      try JSONDecoder().decode(Received.self, from: Data($0.utf8))
    }.filter { !$0.body.contains("app_secret") }
  }

  /// A queue whose account uses this server.
  func place() throws -> Place {
    let place = try Place(sandbox: nil)
    place.set("LARKSPUR_BASE_URL", address)
    place.set("SSL_CERT_FILE", certificate)
    return place
  }
}
