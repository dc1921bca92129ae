import Delivery
import Planning
import Terminal
import Testing

@testable import Configuring

struct ConfigFileTests {
  func accounts(_ text: String) throws -> [AccountSettings] {
    try ConfigFile.accounts(in: Array(text.utf8), file: "config.json")
  }

  @Test func `a reserve of nothing may be written down`() throws {
    let text = #"{"accounts":{"a":{"app_id":"c","app_secret_env":"S","quota_reserve":0}}}"#
    #expect(try accounts(text)[0].quotaReserve == 0)
  }

  @Test func `a file with comments names accounts and their limits`() throws {
    let accounts = try accounts(
      """
      {
        // Two shops, one app each.
        "accounts": {
          "north": {
            "app_id": "cli_1", "app_secret_env": "NORTH_SECRET",
            "calls_per_second": 3, "calls_per_minute": 100, "monthly_quota": 10000,
            "quota_reserve": 500
          },
          "south": { /* abroad */
            "host": "https://open.larksuite.com/", "app_id": "cli_2",
            "app_secret_file": "/run/secrets/south", "token_endpoint": "v3", "packing": "cover", "cover_extra_pairs": 50,
            "join": false, "user_access_token_file": "/run/secrets/person",
            "sightings_days": 7, "previews_per_key": 200, "viewers_most": 50
          }
        }
      }
      """)
    var north = AccountSettings(
      name: "north", host: "https://open.feishu.cn", appID: "cli_1",
      secret: .environment("NORTH_SECRET"))
    north.limits[.preview] = [
      Budget.Limit(3, per: .seconds(1)), Budget.Limit(100, per: .minutes(1)),
    ]
    north.monthlyQuota = 10_000
    north.quotaReserve = 500
    var south = AccountSettings(
      name: "south", host: "https://open.larksuite.com", appID: "cli_2",
      secret: .file("/run/secrets/south"))
    south.issuing = .ownApp(.v3)
    south.packing = .cover(extraPairsMax: 50)
    south.joins = false
    south.userToken = .file("/run/secrets/person")
    south.sightings.days = 7
    south.sightings.previewsPerKey = 200
    south.sightings.viewersMost = 50
    #expect(accounts == [north, south])
  }

  private static let acme = #""app_id":"c","app_secret_env":"S","app_ticket_file":"/t""#

  @Test func `a store app stands for its tenants, and some of them differ from it`() throws {
    let accounts = try accounts(
      """
      {"apps":{"acme":{\(Self.acme),"calls_per_second":3,"monthly_quota":100,
        "packing":"cover","cover_extra_pairs":7,
        "tenants":{"k1":{"monthly_quota":10},"k2":{"packing":"exact","calls_per_minute":50}}}}}
      """)
    let app = try #require(accounts.first)
    #expect(accounts.count == 1 && app.name == "acme")
    #expect(app.storeApp?.ticket == .file("/t"))
    let usual = app.ofTenant("other")
    #expect(usual.name == "acme.other" && usual.monthlyQuota == 100)
    #expect(usual.issuing == .tenant(key: "other", app: "acme"))
    let first = app.ofTenant("k1")
    #expect(first.monthlyQuota == 10 && first.packing == .cover(extraPairsMax: 7))
    #expect(first.limits(of: .preview) == [Budget.Limit(3, per: .seconds(1))])
    let second = app.ofTenant("k2")
    #expect(second.packing == .exact && second.monthlyQuota == 100)
    #expect(
      second.limits(of: .preview)
        == [Budget.Limit(3, per: .seconds(1)), Budget.Limit(50, per: .minutes(1))])
    #expect(second.name == "acme.k2" && second.issuing == .tenant(key: "k2", app: "acme"))
  }

  static let mistakes: [(String, String)] = [
    (#"{"apps":{"acme":{"app_id":"c","app_secret_env":"S"}}}"#, "has no \"app_ticket_file\""),
    (#"{"apps":{"a.b":{\#(acme)}}}"#, "the name of an app has no dot"),
    (#"{"apps":{"acme":{\#(acme),"token_endpoint":"v3"}}}"#, "is for self-built apps"),
    (#"{"apps":{"acme":{\#(acme),"user_access_token_file":"/u"}}}"#, "Aily sessions"),
    (#"{"apps":{"acme":{\#(acme),"app_ticket":"t"}}}"#, "contains an app ticket"),
    (#"{"apps":{"acme":{\#(acme),"tenants":{"k":{"host":"x"}}}}}"#, "unknown key \"host\""),
    (#"{"apps":{"acme":{\#(acme),"tenants":{"k k":{}}}}}"#, "a name is 1 to 64"),
    (#"{"apps":[]}"#, "\"apps\" is not an object"),
    (
      #"{"accounts":{"acme.x":{"app_id":"c","app_secret_env":"S"}},"apps":{"acme":{\#(acme)}}}"#,
      "account 'acme.x' would be a tenant of it"
    ),
    (#"{}"#, "no \"apps\" for store apps"),
    (
      #"{"accounts":{"a":{"app_id":"c","app_secret_env":"S","token_endpoint":"v4"}}}"#,
      "\"token_endpoint\" must be \"internal\" or \"v3\""
    ),
    (
      #"{"accounts":{"a":{"app_id":"c","app_secret_env":"S","quota_reserve":5}}}"#,
      "\"quota_reserve\" is a part of \"monthly_quota\"; set that too"
    ),
    (
      #"{"accounts":{"a":{"app_id":"c","app_secret_env":"S","monthly_quota":5,"quota_reserve":5}}}"#,
      "\"quota_reserve\" must be less than \"monthly_quota\""
    ),
    ("", "it is not valid JSON"), ("[]", "is not an object"), ("{}", "it has no \"accounts\""),
    (#"{"accounts":{}}"#, "\"accounts\" is empty"),
    (#"{"acounts":{}}"#, "did you mean \"accounts\"?"),
    (#"{"accounts":{"a b":{}}}"#, "a name is 1 to 64"),
    (#"{"accounts":{"a":{"app_secret_env":"S"}}}"#, "has no \"app_id\""),
    (#"{"accounts":{"a":{"app_id":"c"}}}"#, "account 'a' has no secret"),
    (#"{"accounts":{"a":{"app_id":"c","app_secret":"x"}}}"#, "contains a secret"),
    (
      #"{"accounts":{"a":{"app_id":"c","app_secret_env":"S","app_secret_file":"f"}}}"#,
      "sets both \"app_secret_file\" and \"app_secret_env\""
    ),
    (
      #"{"accounts":{"a":{"app_id":"c","app_secret_env":"S","calls_per_secnd":5}}}"#,
      "did you mean \"calls_per_second\"?"
    ),
    (
      #"{"accounts":{"a":{"app_id":"c","app_secret_env":"S","calls_per_second":0}}}"#,
      "whole number from 1"
    ),
    (
      #"{"accounts":{"a":{"app_id":"c","app_secret_env":"S","monthly_quota":"10"}}}"#,
      "whole number from 1"
    ),
    (#"{"accounts":{"a":{"app_id":"c","app_secret_env":"S","packing":"dense"}}}"#, "\"cover\""),
    (
      #"{"accounts":{"a":{"app_id":"c","app_secret_env":"S","join":"no"}}}"#,
      "\"join\" must be true or false"
    ),
    (
      #"{"accounts":{"a":{"app_id":"c","app_secret_env":"S","sightings_days":0}}}"#,
      "\"sightings_days\" must be a whole number from 1 to 3,650"
    ),
    (
      #"{"accounts":{"a":{"app_id":"c","app_secret_env":"S","previews_per_key":1001}}}"#,
      "\"previews_per_key\" must be a whole number from 1 to 1,000"
    ),
    (
      #"{"accounts":{"a":{"app_id":"c","app_secret_env":"S","viewers_most":1.5}}}"#,
      "\"viewers_most\" must be a whole number from 1 to 1,000"
    ),
    (
      #"{"accounts":{"a":{"app_id":"c","app_secret_env":"S","user_access_token_file":""}}}"#,
      "\"user_access_token_file\" must be the path of a file"
    ),
    (
      #"{"accounts":{"a":{"app_id":"c","app_secret_env":"S","ca_file":true}}}"#,
      "\"ca_file\" must be the path of a file"
    ),
    (
      #"{"accounts":{"a":{"app_id":"c","app_secret_env":"S","ca_file":"/nowhere/ca.pem"}}}"#,
      "cannot read certificate file /nowhere/ca.pem: no such file or directory (set by ca_file of "
    ),
    (
      #"{"accounts":{"a":{"app_id":"c","app_secret_env":"S","user_access_token":"x"}}}"#,
      "contains a user access token; put it in a file"
    ),
    (
      #"{"accounts":{"a":{"app_id":"c","app_secret_env":"S","host":"http://open.feishu.cn"}}}"#,
      "plain http is allowed only for this machine"
    ),
  ]

  @Test(arguments: mistakes)
  func `a mistake is named, and never a secret`(text: String, sentence: String) {
    do {
      _ = try accounts(text)
      Issue.record("accepted")
    } catch {
      let failure = error as? Failure
      #expect(failure?.code == .configuration)
      #expect(failure?.sentence.contains(sentence) == true, "\(failure?.sentence ?? "")")
    }
  }
}

struct BaseURLTests {
  @Test(arguments: [
    "https://open.feishu.cn", "https://open.feishu.cn:8443", "http://127.0.0.1:9000",
    "http://localhost:1", "http://[::1]:1", "http://127.8.9.10",
  ])
  func `a host is taken as it is`(text: String) throws {
    #expect(try BaseURL.check(text, from: "x") == text)
    #expect(try BaseURL.check(text + "/", from: "x") == text)
  }

  @Test(arguments: [
    "", "open.feishu.cn", "ftp://a", "https://", "https://a/b", "https://a?b", "https://u@a",
    "http://10.0.0.1", "http://127.0.0.1.evil.com", "http://localhost.evil.com", "https://a b",
    "http://[::1].evil.com", "http://127.0.0.1@evil.com", "https://a\\b",
  ])
  func `anything else is not`(text: String) {
    #expect(throws: Failure.self) { try BaseURL.check(text, from: "x") }
  }
}

struct AccountTextTests {
  @Test func `a summary says what the account changes about sightings, and nothing else`() {
    var account = AccountSettings(
      name: "default", host: "https://open.feishu.cn", appID: "cli_1", secret: .environment("S"))
    #expect(account.summary == "app cli_1 at https://open.feishu.cn, 5 preview calls/s")
    account.sightings.days = 7
    account.sightings.previewsPerKey = 200
    account.sightings.viewersMost = 50
    #expect(
      account.summary.hasSuffix(
        "sightings kept for 7 days, at most 200 previews a key, everyone for more than 50 viewers"
      ))
  }
}
