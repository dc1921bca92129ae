import Foundation
import Programs
import Testing

/// `larkspur work --check`.
@Suite struct WorkCheckTests {
  private func check(_ place: Place, _ arguments: String...) throws -> Programs.Finished {
    try Programs.run("larkspur", ["work", "--check"] + arguments, place.environment)
  }

  @Test func `a line says what each account has`() throws {
    let place = try Place(sandbox: nil)
    let run = try check(place)
    #expect(run.status == 0 && run.err.isEmpty)
    #expect(
      run.out == """
        default: app cli_sandbox at http://127.0.0.1:1, 5 preview calls/s; app secret read from \
        variable LARKSPUR_APP_SECRET

        """)
    #expect(!FileManager.default.fileExists(atPath: place.queue))
  }

  @Test func `a secret that cannot be read gives 77, and the other accounts are shown`() throws {
    let place = try Place(sandbox: nil)
    place.set("LARKSPUR_APP_SECRET", "canary")
    let config = place.folder.appending(path: "config.json")
    try Data(
      """
      {"accounts": {
        "shop": {"app_id": "cli_2", "app_secret_file": "/nonexistent/shop", "monthly_quota": 10000},
        "default": {"app_id": "cli_1", "app_secret_env": "X"}
      }}
      """.utf8
    ).write(to: config)
    let run = try check(place, "--config", config.path)
    #expect(run.status == 77)
    #expect(
      run.out.contains(
        "shop: app cli_2 at https://open.feishu.cn, 5 preview calls/s, 10,000 calls a month; cannot read secret file /nonexistent/shop: no such file or directory"
      ))
    #expect(run.out.split(separator: "\n").count == 2)
    let json = try check(place, "--config", config.path, "--json")
    #expect(json.status == 77)
    #expect(
      json.out.contains(#""account":"shop""#) && json.out.contains(#""secret_readable":false"#))
    #expect(!(run.out + json.out).contains("canary"))
  }

  @Test func `a configuration that cannot be used gives 78`() throws {
    let place = try Place(sandbox: nil)
    let config = place.folder.appending(path: "config.json")
    try Data("{}".utf8).write(to: config)
    let run = try check(place, "--config", config.path)
    #expect(run.status == 78 && run.out.isEmpty)
    #expect(run.err.contains("invalid configuration"))
    place.set("LARKSPUR_APP_ID", "")
    #expect(try check(place).status == 78)
  }

  @Test(arguments: ["--once", "--until-empty", "--for=5s", "--log=text"])
  func `it delivers nothing`(option: String) throws {
    let run = try check(try Place(sandbox: nil), option)
    #expect(run.status == 64)
    #expect(run.err.contains("--check delivers nothing; leave --"))
  }
}
