import Foundation
import Programs
import Testing

/// Which certificates a host is checked against.
@Suite(.enabled(if: SecureFeishu.canBeMade, "python3 and openssl are there"))
struct CertificateTests {
  private func configure(
    _ place: Place, host: String, file: String, lane: String = "a"
  ) throws {
    let config = place.folder.appending(path: "config.json")
    let account = [
      "host": host, "app_id": "cli_1", "app_secret_env": "LARKSPUR_APP_SECRET", "ca_file": file,
    ]
    try JSONEncoder().encode(["accounts": ["default": account]]).write(to: config)
    place.set("LARKSPUR_CONFIG", config.path)
    try place.ask([.preview(lane, for: .everyone)])
  }

  @Test func `a certificate that nobody vouches for is not accepted`() throws {
    let feishu = try SecureFeishu([])
    let place = try feishu.place()
    place.set("SSL_CERT_FILE", "")
    try place.ask([.preview("a", for: .everyone)])
    let run = try place.work("--once")
    #expect(run.status == 69 && run.err.contains("certificate"), "\(run.err)")
    #expect(try feishu.calls().isEmpty)
  }

  @Test func `SSL_CERT_FILE is honoured`() throws {
    let feishu = try SecureFeishu([])
    let place = try feishu.place()
    try place.ask([.preview("a", for: .everyone)])
    #expect(try place.work("--once").status == 0)
    #expect(try place.delivered() == 1)
  }

  @Test func `an account's own ca_file stands above SSL_CERT_FILE`() throws {
    let feishu = try SecureFeishu([])
    let other = try SecureFeishu([])
    let place = try feishu.place()
    place.set("SSL_CERT_FILE", other.certificate)
    try configure(place, host: feishu.address, file: feishu.certificate)
    let run = try place.work("--once")
    #expect(run.status == 0, "\(run.err)")
    place.set("SSL_CERT_FILE", feishu.certificate)
    try configure(place, host: feishu.address, file: other.certificate, lane: "b")
    #expect(try place.work("--once").status == 69)
    #expect(try feishu.calls().count == 1)
  }

  @Test func `a file that cannot be used is named at the start`() throws {
    let place = try Place(sandbox: nil)
    let host = "https://127.0.0.1:1"
    let missing = place.folder.appending(path: "nowhere.pem").path
    try configure(place, host: host, file: missing)
    for (file, why) in [(missing, "no such file"), ("/dev/null", "contains no PEM certificate")] {
      try configure(place, host: host, file: file)
      let byFile = try place.work("--once")
      #expect(byFile.status == 78 && byFile.err.contains(why), "\(byFile.err)")
      #expect(byFile.err.contains("ca_file") && byFile.err.contains(file))
      place.set("LARKSPUR_CONFIG", "")
      place.set("LARKSPUR_BASE_URL", host)
      place.set("SSL_CERT_FILE", file)
      let byEnvironment = try place.work("--once")
      #expect(byEnvironment.status == 78 && byEnvironment.err.contains(why))
      #expect(byEnvironment.err.contains("SSL_CERT_FILE"), "\(byEnvironment.err)")
      place.set("LARKSPUR_BASE_URL", "http://127.0.0.1:1")
      #expect(try place.work("--once").status == 69)
      place.set("SSL_CERT_FILE", "")
    }
  }
}
