import Foundation
import Programs
import Testing

/// `larkspur doctor --online`: what it asks Feishu.
@Suite struct DoctorOnlineTests {
  @Test func `a token is fetched and nothing is refreshed`() throws {
    let place = try Place()
    try place.ask([.preview("a", for: .everyone)])
    let (found, run) = try doctor(place, "--online")
    #expect(run.status == 0, "\(run.out)\(run.err)")
    for code in ["proxy", "connection", "access_token"] {
      #expect(found.contains { $0.code == code && $0.grade == "fine" }, "\(run.out)")
    }
    #expect(found.contains { $0.code == "integrity" && $0.grade == "fine" })
    let paths = try place.records().map(\.path)
    #expect(paths.filter { $0.hasSuffix("/tenant_access_token/internal") }.count == 1)
    #expect(try place.previews().isEmpty)
    #expect(try place.number("select count(*) from call") == 0)
  }

  @Test func `a missing scope and a wrong clock are named`() throws {
    let host = try Stranger(afterLogin: { request in
      guard request.hasPrefix("GET /open-apis/application/v6/scopes ") else { return "" }
      return Stranger.json(
        #"{"code":0,"data":{"scopes":[{"scope_name":"im:url_preview.update","grant_status":2}]}}"#)
    })
    let place = try Place(sandbox: nil)
    place.set("LARKSPUR_BASE_URL", host.address)
    let (found, run) = try doctor(place, "--online")
    #expect(run.status == 77, "\(run.out)\(run.err)")
    let scope = found.first { $0.code == "scope" }
    #expect(scope?.summary.hasSuffix("lacks the scope im:url_preview.update") == true)
    #expect(scope?.fix?.hasSuffix("https://open.feishu.cn/app/cli_sandbox/auth") == true)
    #expect(host.requests.count <= 3)
    #expect(!(run.out + run.err).contains("canary"))
  }

  @Test func `a host that is not there is a finding`() throws {
    let place = try Place(sandbox: nil)
    let (found, run) = try doctor(place, "--online")
    #expect(run.status == 69, "\(run.out)")
    #expect(found.contains { $0.code == "connection" && $0.grade == "wrong" })
    place.set("LARKSPUR_BASE_URL", "https://does-not-exist.invalid")
    let unnamed = try doctor(place, "--online")
    #expect(unnamed.run.status == 69)
    let connection = unnamed.found.first { $0.code == "connection" }
    #expect(
      connection?.fix?.contains("getent hosts does-not-exist.invalid") == true, "\(unnamed.run.out)"
    )
  }

  @Test func `wrong credentials are a finding`() throws {
    let place = try Place()
    place.set("LARKSPUR_APP_SECRET", "canary-secret")
    let (found, run) = try doctor(place, "--online")
    #expect(run.status == 77, "\(run.out)")
    #expect(found.contains { $0.code == "access_token" && $0.grade == "wrong" })
    #expect(!(run.out + run.err).contains("canary"))
  }
}
