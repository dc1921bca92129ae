import Delivery
import Foundation
import Larkspur
import Planning
import Testing

/// Access tokens from OAuth v3.
struct TokenEndpointTests {
  private let bench: Bench

  init() throws {
    bench = try Bench()
    bench.settings.host = "https://open.feishu.cn"
    bench.settings.issuing = .ownApp(.v3)
  }

  private static func answer(_ status: Int, _ body: String) -> Outcome {
    .answered(RawAnswer(status: status, body: Array(body.utf8)))
  }

  @Test func `the request is a form, to the host that answers OAuth`() {
    let request = FeishuWire.accessToken(
      from: .v3, host: "https://open.larksuite.com", appID: "cli_1", secret: "a+b&c=d %ü")
    #expect(request.url == "https://accounts.larksuite.com/oauth/v3/token")
    #expect(request.content.rawValue == "application/x-www-form-urlencoded")
    #expect(
      String(decoding: request.body, as: UTF8.self)
        == "grant_type=client_credentials&client_id=cli_1&client_secret=a%2Bb%26c%3Dd%20%25%C3%BC")
    #expect(request.bearer == nil)
  }

  @Test(arguments: [
    ("https://open.feishu.cn", "https://accounts.feishu.cn"),
    ("https://open.feishu.cn:8443", "https://accounts.feishu.cn:8443"),
    ("https://feishu.company.example", "https://feishu.company.example"),
    ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
  ])
  func `only a host named open has another for OAuth`(host: String, login: String) {
    #expect(FeishuWire.loginHost(of: host) == login)
  }

  @Test func `its token is used, and the usual endpoint is not asked`() throws {
    let ask = bench.ask("a")
    try bench.run()
    #expect(try bench.state(ask) == .delivered)
    #expect(bench.feishu.bearers == ["eyJ.1"])
    #expect(bench.feishu.oauthRequests.count == 1 && bench.feishu.tokenRequests == 0)
  }

  @Test func `a token of 8 KB is sent as it is`() throws {
    let token = "eyJ." + String(repeating: "A", count: 8_188)
    bench.feishu.oauthAnswer = { _ in
      Self.answer(200, #"{"code":0,"access_token":"\#(token)","expires_in":7200}"#)
    }
    bench.ask("a")
    try bench.run()
    #expect(bench.feishu.bearers == [token])
  }

  static let failures: [Outcome] = [
    answer(500, #"{"code":20050,"error":"server_error"}"#),
    answer(400, #"{"code":20050,"error":"server_error"}"#),
    answer(503, ""), answer(502, "<html>Bad Gateway</html>"), answer(404, "<html>no</html>"),
    answer(404, #"{"code":99991201,"msg":"no such path"}"#),
    .neverLeft("could not resolve host: accounts.feishu.cn"), .noAnswer("the connection broke"),
  ]

  @Test(arguments: failures)
  func `while it fails, the usual endpoint is asked at once`(failure: Outcome) throws {
    bench.feishu.oauthAnswer = { _ in failure }
    let ask = bench.ask("a")
    let begun = bench.world.now
    let result = try bench.run()
    #expect(try bench.state(ask) == .delivered)
    #expect(bench.feishu.oauthRequests.count == 1 && bench.feishu.tokenRequests == 1)
    #expect(bench.feishu.bearers == ["t-1"])
    #expect(bench.world.now - begun < 1_000, "it waited")
    #expect(result.parked.isEmpty && result.unreachable == nil)
  }

  @Test func `the next token comes from it again once it works`() throws {
    bench.feishu.oauthAnswer = { request in
      request == 1
        ? Self.answer(500, "")
        : Self.answer(200, #"{"code":0,"access_token":"e","expires_in":7200}"#)
    }
    bench.ask("a")
    bench.ask("b", after: 7_300_000)
    try bench.run()
    #expect(bench.feishu.bearers == ["t-1", "e"])
    #expect(bench.feishu.oauthRequests.count == 2 && bench.feishu.tokenRequests == 1)
  }

  @Test func `if both fail, there is a pause before they are asked again`() throws {
    bench.feishu.oauthAnswer = { _ in Self.answer(503, "") }
    bench.feishu.tokenAnswer = { request, _ in
      request == 1 ? Self.answer(503, "") : AccessTokens.token("t-1")
    }
    let ask = bench.ask("a")
    let begun = bench.world.now
    try bench.run()
    #expect(try bench.state(ask) == .delivered)
    #expect(bench.feishu.oauthRequests.count == 2 && bench.feishu.tokenRequests == 2)
    #expect(bench.world.now - begun >= 1_000)
  }

  @Test(arguments: [20_002, 20_048])
  func `a wrong app or secret parks the account, and the usual endpoint is not asked`(code: Int)
    throws
  {
    bench.feishu.oauthAnswer = { _ in
      Self.answer(
        400, #"{"code":\#(code),"error":"invalid_client","error_description":"no such client"}"#)
    }
    bench.ask("a")
    let result = try bench.run()
    #expect(result.parked.first?.trouble == .credentials)
    #expect(result.parked.first?.why.contains("no such client") == true)
    #expect(bench.feishu.tokenRequests == 0)
  }

  @Test func `too many requests are waited out, and no reason to ask elsewhere`() throws {
    bench.feishu.oauthAnswer = { request in
      request == 1
        ? Self.answer(429, #"{"error":"slow_down"}"#)
        : Self.answer(200, #"{"code":0,"access_token":"e","expires_in":7200}"#)
    }
    bench.ask("a")
    try bench.run()
    #expect(bench.feishu.bearers == ["e"] && bench.feishu.tokenRequests == 0)
  }
}
