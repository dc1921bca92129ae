import Foundation
import Programs
import Testing

/// Credentials go directly to the configured host and nowhere else.
@Suite struct DestinationTests {
  private func place(of host: Stranger) throws -> Place {
    let place = try Place(sandbox: nil)
    place.set("LARKSPUR_BASE_URL", host.address)
    try place.ask([.preview("a", for: .everyone)])
    return place
  }

  @Test(arguments: [301, 302, 303, 307, 308])
  func `a redirect to another host is not followed, and the ask is kept`(status: Int) throws {
    let other = try Stranger { _ in Stranger.json("{}") }
    let elsewhere = "Location: \(other.address)/open-apis/im/v2/url_previews/batch_update"
    let atOnce = try Stranger { _ in Stranger.json("", status: status, headers: [elsewhere]) }
    let afterLogin = try Stranger(afterLogin: { _ in
      Stranger.json("", status: status, headers: [elsewhere])
    })
    // If Feishu has answered before, it counts as an outage for five minutes.
    for (host, code, words) in [(atOnce, 77, "Check the host"), (afterLogin, 75, "HTTP \(status)")]
    {
      let place = try place(of: host)
      let run = try place.work("--once")
      #expect(run.status == code && run.err.contains(words), "\(run.err)")
      #expect(try place.number("select count(*) from ask where outcome is null") == 1)
    }
    #expect(other.requests.isEmpty)
  }

  @Test func `no proxy stands between this machine and itself`() throws {
    let proxy = try Stranger { _ in Stranger.json("{}") }
    let place = try Place()
    try place.ask([.preview("a", for: .everyone)])
    for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
      place.set(name, "http://mallory:melon@127.0.0.1:\(proxy.port)")
    }
    #expect(try place.work("--until-empty").status == 0)
    #expect(try place.delivered() == 1)
    #expect(proxy.requests.isEmpty)
  }

  @Test func `a proxy on the way to Feishu is told the host, and nothing secret`() throws {
    let proxy = try Stranger { _ in "HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n" }
    let place = try Place(sandbox: nil)
    place.set("LARKSPUR_BASE_URL", "https://feishu.invalid")
    place.set("LARKSPUR_APP_SECRET", "xyzzy-secret")
    place.set("https_proxy", proxy.address)
    try place.ask([.preview("a", for: .everyone)])
    let run = try place.work("--once")
    #expect(run.status == 69, "\(run.err)")
    #expect(!proxy.requests.isEmpty)
    for request in proxy.requests {
      #expect(request.hasPrefix("CONNECT feishu.invalid:443 HTTP/1.1\r\n"), "\(request)")
      #expect(!request.contains("xyzzy") && !request.lowercased().contains("authorization"))
      #expect(!request.lowercased().contains("content-type") && request.hasSuffix("\r\n\r\n"))
    }
  }

  @Test func `what stands in a netrc replaces no credential`() throws {
    let host = try Stranger(afterLogin: { _ in Stranger.json(#"{"code":0,"msg":"success"}"#) })
    let place = try place(of: host)
    place.set("HOME", place.folder.path)
    try "machine 127.0.0.1 login mallory password melon\ndefault login mallory password melon\n"
      .write(to: place.folder.appending(path: ".netrc"), atomically: true, encoding: .utf8)
    #expect(try place.work("--until-empty").status == 0)
    let authorizations = host.requests.map { request in
      request.components(separatedBy: "\r\n").filter {
        $0.lowercased().hasPrefix("authorization:")
      }
    }
    #expect(authorizations == [[], ["Authorization: Bearer \(Stranger.accessToken)"]])
  }

  @Test(arguments: [
    "http://open.feishu.cn", "HTTP://OPEN.FEISHU.CN", "http://10.0.0.1", "http://0.0.0.0:80",
    "http://127.0.0.1.evil.example", "http://localhost.evil.example",
    "http://127.0.0.1@evil.example",
    "http://evil.example#127.0.0.1", "http://evil.example\\@127.0.0.1", "http://[::2]",
    "http://2130706433", "http://127.1.evil", "ftp://127.0.0.1", "//127.0.0.1", "127.0.0.1",
    "http://mallory:melon@open.feishu.cn", "https://mallory:melon@open.feishu.cn",
  ])
  func `plain http goes nowhere but to this machine, however it is spelt`(url: String) throws {
    let place = try Place(sandbox: nil)
    try place.ask([.preview("a", for: .everyone)])
    place.set("LARKSPUR_BASE_URL", url)
    let file = place.folder.appending(path: "config.json")
    let account = ["host": url, "app_id": "cli_x", "app_secret_env": "LARKSPUR_APP_SECRET"]
    try JSONEncoder().encode(["accounts": ["other": account]]).write(to: file)
    let byEnvironment = try place.work("--once")
    place.set("LARKSPUR_BASE_URL", "")
    let byFile = try place.work("--once", "--config", file.path)
    for run in [byEnvironment, byFile] {
      #expect(run.status == 78 && run.err.contains("invalid base URL"), "\(run.err)")
      #expect(!run.err.contains("melon"))
    }
  }
}
