import Delivery
import Foundation
import Larkspur
import Planning
import Testing

@testable import Doctor

/// A network that answers as told, on a clock of its own.
final class FakeNetwork {
  var reach = Reach.connected(lookup: 3, connect: 12, secure: 40, address: "192.0.2.1:443")
  var token = FakeNetwork.reply(
    #"{"code":0,"msg":"ok","tenant_access_token":"t-canary","expire":7200}"#)
  var scopes = FakeNetwork.reply(
    #"{"code":0,"data":{"scopes":[{"scope_name":"im:url_preview.update","grant_status":1}]}}"#)
  /// How long a request takes.
  var span: Span = 100
  private(set) var requests: [Request] = []
  private(set) var limits: [Span] = []
  var oauth = Outcome.neverLeft("nobody answers OAuth here")
  var now = WallMoment(ms: 1_796_000_000_500)
  private var sinceBoot = BootMoment(ms: 1_000_000)

  /// The moment that a server with the right clock tells.
  static let date = "Mon, 30 Nov 2026 00:53:20 GMT"

  static func reply(
    _ body: String, status: Int = 200, headers: [String: String] = ["date": date]
  ) -> Outcome {
    .answered(RawAnswer(status: status, headers: headers, body: Array(body.utf8)))
  }

  private func pass(_ limit: Span) {
    limits.append(limit)
    let span = min(span, limit)
    now += span
    sinceBoot += span
  }

  private var network: Network {
    Network(
      library: "none",
      connect: { [self] _, _, limit in
        pass(limit)
        return reach
      },
      send: { [self] request, limit in
        pass(limit)
        requests.append(request)
        if request.url.hasSuffix("/oauth/v3/token") { return oauth }
        return request.url.hasSuffix(GrantedScopes.path) ? scopes : token
      })
  }

  func findings(
    _ names: [String] = ["shop"], host: String = "https://open.feishu.cn",
    kinds: Set<Kind> = [.preview], environment: [String: String] = [:],
    secret: Result<String, SecretProblem> = .success("s3cret-canary"),
    endpoint: TokenEndpoint = .usual
  ) -> [Finding] {
    let accounts = names.map { name in
      var account = AccountSettings(
        name: name, host: host, appID: "cli_1", secret: .environment("S"))
      account.issuing = .ownApp(endpoint)
      return account
    }
    var found: [Finding] = []
    OnlineCheck(
      accounts: accounts, kinds: Dictionary(names.map { ($0, kinds) }) { $1 }, network: network,
      environment: environment, readSecret: { _ in secret }, now: { self.now },
      sinceBoot: { self.sinceBoot }
    ).findings { found.append($0) }
    return found
  }
}

extension Scenario {
  private static func online(
    _ code: FindingCode, _ grade: Finding.Grade, kinds: Set<Kind> = [.preview],
    environment: [String: String] = [:], secret: Result<String, SecretProblem> = .success("s"),
    endpoint: TokenEndpoint = .usual, _ change: @escaping @Sendable (FakeNetwork) -> Void = { _ in }
  ) -> Scenario {
    Scenario(code, grade) { _ in
      let network = FakeNetwork()
      change(network)
      return network.findings(
        kinds: kinds, environment: environment, secret: secret, endpoint: endpoint)
    }
  }

  static let ofHosts: [Scenario] = [
    online(.proxy, .fine),
    online(.proxy, .fine, environment: ["https_proxy": "http://u:p@proxy:8080"]),
    online(.proxy, .wrong) { $0.reach = .failed(at: .proxyName, why: "no such host") },
    online(.proxy, .wrong, environment: ["https_proxy": "http://proxy:8080"]) {
      $0.reach = .failed(at: .connect, why: "connection refused")
    },
    online(.connection, .fine),
    online(.connection, .wrong) { $0.reach = .failed(at: .name, why: "could not resolve host") },
    online(.connection, .wrong) { $0.reach = .failed(at: .certificate, why: "self-signed") },
    online(.connection, .wrong) { $0.reach = .failed(at: .time, why: "timed out") },
    online(.connection, .wrong) { $0.token = .neverLeft("connection refused") },
    online(.host, .wrong) { $0.token = FakeNetwork.reply("<html>Sign in</html>") },
    online(.accessToken, .fine),
    online(.accessToken, .wrong) {
      $0.token = FakeNetwork.reply(#"{"code":10014,"msg":"app secret invalid"}"#)
    },
    online(.accessToken, .warn, endpoint: .v3) {
      $0.oauth = FakeNetwork.reply(#"{"code":20050,"error":"server_error"}"#, status: 500)
    },
    online(.accessToken, .fine, endpoint: .v3) {
      $0.oauth = FakeNetwork.reply(#"{"code":0,"access_token":"eyJ","expires_in":7200}"#)
    },
    online(.accessToken, .unknown) {
      $0.token = FakeNetwork.reply(#"{"code":99991400,"msg":"slow down"}"#, status: 429)
    },
    online(.accessToken, .unknown) { $0.reach = .failed(at: .name, why: "could not resolve host") },
    online(
      .accessToken, .unknown, secret: .failure(SecretProblem("variable S is not set"))),
    online(.scope, .fine),
    online(.scope, .wrong, kinds: [.preview, .card]),
    online(.scope, .wrong) {
      $0.token = FakeNetwork.reply(#"{"code":99991662,"msg":"app not in use"}"#)
    },
    online(.scope, .unknown) {
      $0.scopes = FakeNetwork.reply(#"{"code":99991201,"msg":"no such path"}"#, status: 404)
    },
    online(.serverClock, .fine),
    online(.serverClock, .warn) { $0.now += .minutes(3) },
    online(.serverClock, .warn) { $0.now += .minutes(-3) },
    online(.serverClock, .unknown) {
      $0.token = FakeNetwork.reply(#"{"code":10014,"msg":"no"}"#, headers: [:])
    },
  ]
}

struct OnlineCheckTests {
  @Test func `an account costs one access token and one list of scopes, and no refresh`() {
    let network = FakeNetwork()
    _ = network.findings(["a", "b"])
    #expect(network.requests.count == 4)
    #expect(
      network.requests.filter { $0.method == .post }.allSatisfy {
        $0.url == "https://open.feishu.cn/open-apis/auth/v3/tenant_access_token/internal"
      })
    #expect(
      network.requests.filter { $0.method == .get }.allSatisfy {
        $0.url == "https://open.feishu.cn/open-apis/application/v6/scopes"
          && $0.bearer == "t-canary"
      })
  }

  @Test func `a host takes ten seconds at most, however many accounts it has`() {
    let network = FakeNetwork()
    network.span = 4_000
    let findings = network.findings((0..<50).map { "a\($0)" })
    #expect(network.limits.reduce(0) { $0 + min($1, 4_000) } <= 13_000, "\(network.limits)")
    let late = findings.filter { $0.code == .accessToken && $0.grade == .unknown }
    #expect(late.count >= 48)
    #expect(late.last?.fix == "run 'larkspur doctor --online --account a49'")
  }

  @Test func `a missing scope is named with the page that grants it`() {
    for (host, page) in [
      ("https://open.feishu.cn", "https://open.feishu.cn/app/cli_1/auth"),
      ("https://open.larksuite.com", "https://open.larksuite.com/app/cli_1/auth"),
    ] {
      let network = FakeNetwork()
      let findings = network.findings(host: host, kinds: [.preview, .session])
      let scope = findings.first { $0.code == .scope }
      #expect(scope?.summary == "account 'shop' lacks the scope aily:session:write")
      #expect(scope?.fix?.hasSuffix(page) == true, "\(scope?.fix ?? "")")
    }
  }

  @Test func `neither the secret nor the token is repeated, whatever a server says`() {
    let network = FakeNetwork()
    network.scopes = FakeNetwork.reply(
      #"{"code":1,"msg":"no t-canary for s3cret-canary"}"#, status: 400)
    let first = network.findings()
    network.token = FakeNetwork.reply(#"{"code":10014,"msg":"s3cret-canary is wrong"}"#)
    let second = network.findings()
    #expect((first + second).allSatisfy { !$0.json.contains("canary") })
    #expect((first + second).contains { $0.summary.contains("[redacted]") })
  }

  @Test func `a proxy's password is not shown`() {
    let variables = ["https_proxy": "http://user:canary@proxy:8080"]
    let network = FakeNetwork()
    let findings = network.findings(environment: variables)
    let proxy = findings.first { $0.code == .proxy }
    #expect(
      proxy?.summary
        == "calls to https://open.feishu.cn go through http://proxy:8080 (https_proxy)")
    network.reach = .failed(at: .proxyName, why: "could not resolve proxy: canary@proxy")
    let failed = network.findings(environment: variables)
    #expect((findings + failed).allSatisfy { !$0.json.contains("canary") })
  }

  @Test(arguments: [
    ("https://open.feishu.cn", ["https_proxy": "p"], true),
    ("https://open.feishu.cn", ["ALL_PROXY": "p"], true),
    ("https://open.feishu.cn", ["https_proxy": ""], false),
    ("https://open.feishu.cn", ["https_proxy": "p", "no_proxy": "localhost,.feishu.cn"], false),
    ("https://open.feishu.cn:443", ["https_proxy": "p", "NO_PROXY": "feishu.cn"], false),
    ("https://open.feishu.cn", ["https_proxy": "p", "no_proxy": "shu.cn"], true),
    ("https://open.feishu.cn", ["https_proxy": "p", "no_proxy": "*"], false),
    ("https://open.feishu.cn", ["http_proxy": "p"], false),
    ("http://127.0.0.1:9000", ["https_proxy": "p", "http_proxy": "p"], false),
  ])
  func `a proxy is found by the rules of libcurl`(
    host: String, environment: [String: String], isUsed: Bool
  ) {
    #expect((ProxyChoice(for: host, in: environment).variable != nil) == isUsed)
  }
}
