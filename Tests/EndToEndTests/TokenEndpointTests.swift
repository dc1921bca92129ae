import Foundation
import Programs
import Testing

/// Access tokens from OAuth v3, with the real programs.
struct TokenEndpointTests {
  private func place(_ sandbox: String...) throws -> Place {
    let place = try Place(sandbox: sandbox)
    let config = place.folder.appending(path: "config.json")
    try """
    {"accounts":{"default":{"app_id":"cli_sandbox","app_secret_env":"LARKSPUR_APP_SECRET",\
    "token_endpoint":"v3"}}}
    """.write(to: config, atomically: true, encoding: .utf8)
    place.set("LARKSPUR_CONFIG", config.path)
    try place.ask([.preview("a", for: .everyone)])
    return place
  }

  private func logins(_ place: Place) throws -> [String] {
    try place.records().filter { !$0.isPreview }.map { "\($0.path) \($0.status ?? 0)" }
  }

  @Test func `a token of 8 KB comes and is sent`() throws {
    let place = try place("--oauth-token-bytes", "8192")
    let run = try place.work("--until-empty")
    #expect(run.status == 0, "\(run.err)")
    #expect(try place.delivered() == 1)
    #expect(try logins(place) == ["/oauth/v3/token 200"])
    let body = try #require(try place.records().first?.body)
    #expect(body == "client_id=cli_sandbox&client_secret=***&grant_type=client_credentials")
  }

  @Test func `while OAuth fails, the usual endpoint is asked in its place`() throws {
    let place = try place(
      "--refuse", "first:1", "--refuse-with", "500:20050", "--faults-on", "oauth")
    let run = try place.work("--until-empty")
    #expect(run.status == 0, "\(run.err)")
    #expect(try place.delivered() == 1)
    #expect(
      try logins(place) == [
        "/oauth/v3/token 500", "/open-apis/auth/v3/tenant_access_token/internal 200",
      ])
  }

  @Test func `doctor says that the usual endpoint is asked in its place`() throws {
    let place = try place(
      "--refuse", "1", "--refuse-with", "500:20050", "--faults-on", "oauth")
    let run = try Programs.run("larkspur", ["doctor", "--online"], place.environment)
    #expect(run.out.contains("the token endpoint v3 fails"), "\(run.out)\(run.err)")
    #expect(run.out.contains("Feishu gave an access token for 2 h"), "\(run.out)")
  }
}
