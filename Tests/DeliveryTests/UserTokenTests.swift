import Larkspur
import Planning
import Testing

@testable import Delivery

/// A user's access token, for the API that takes one.
struct UserTokenTests {
  private let id = "session_1"

  /// A Feishu that accepts only this user access token.
  private func bench(accepting good: String) throws -> Bench {
    let bench = try Bench()
    bench.settings.userToken = .file("user")
    bench.feishu.accepts = { $0.hasPrefix("t-") || $0 == good }
    return bench
  }

  @Test func `sessions are written with it, and previews with the app's`() throws {
    let bench = try bench(accepting: "u-1")
    bench.write(id, #"{"metadata":"1"}"#)
    bench.ask("t", "ou_1")
    try bench.run()
    #expect(bench.feishu.bearers == ["u-1", "t-1"] || bench.feishu.bearers == ["t-1", "u-1"])
  }

  @Test func `it is read at each use`() throws {
    let bench = try Bench()
    bench.settings.userToken = .file("user")
    bench.write(id, #"{"metadata":"1"}"#)
    bench.world.after(500) {
      bench.userToken = .success("u-2")
      bench.write(self.id, #"{"metadata":"2"}"#)
    }
    try bench.run(.stay, for: 1_000)
    #expect(bench.feishu.bearers == ["u-1", "u-2"])
  }

  @Test func `a refused one stops this API and no other, until it is replaced`() throws {
    let bench = try bench(accepting: "u-2")
    bench.write(id, #"{"metadata":"1"}"#)
    bench.world.after(1_000) { bench.ask("t", "ou_1") }
    bench.world.after(30_000) { bench.userToken = .success("u-2") }
    try bench.run(.stay, for: 40_000)
    #expect(bench.feishu.bearers == ["u-1", "t-1", "u-2"])
    #expect(bench.feishu.cards.sessions[id] == ["metadata": "1"])
  }

  @Test func `the next run sends nothing with a refused one, and at once with another`() throws {
    let bench = try bench(accepting: "u-2")
    bench.write(id, #"{"metadata":"1"}"#)
    _ = try bench.run(.once)
    #expect(try bench.run(.once).leftBehind != nil)
    #expect(bench.feishu.bearers == ["u-1"])
    bench.userToken = .success("u-2")
    _ = try bench.run(.once)
    #expect(bench.feishu.bearers == ["u-1", "u-2"])
    #expect(try bench.number("select count(*) from budget where refused_mark is not null") == 0)
  }

  @Test func `what is accepted with it does not clear the refusals of the app's token`() throws {
    let bench = try Bench()
    bench.settings.userToken = .file("user")
    bench.feishu.tokenAnswer = { request, _ in AccessTokens.token("t-\(request)") }
    bench.feishu.tokenFaults["t"] = .answer(400, #"{"code":99991663,"msg":"invalid"}"#)
    bench.ask("t", "ou_1")
    for second in 1...60 {
      bench.world.after(second * 1_000) { bench.write(self.id, #"{"metadata":"\#(second)"}"#) }
    }
    try bench.run(.stay, for: 60_000)
    #expect(bench.feishu.arrivals.count == 5)
    #expect(try bench.number("select count(*) from account where parked = 'credentials'") == 1)
  }

  @Test func `taken out of the configuration, it is not waited for`() throws {
    let bench = try bench(accepting: "u-2")
    bench.write(id, #"{"metadata":"1"}"#)
    _ = try bench.run(.once)
    bench.settings.userToken = nil
    _ = try bench.run(.once)
    #expect(bench.feishu.bearers == ["u-1", "t-1"])
  }

  @Test func `a person may have it tried again`() throws {
    let bench = try bench(accepting: "u-2")
    bench.write(id, #"{"metadata":"1"}"#)
    _ = try bench.run(.once)
    #expect(try Inspector(queue: bench.path).resume(account: "default"))
    _ = try bench.run(.once)
    #expect(bench.feishu.bearers == ["u-1", "u-1"])
  }

  @Test func `without one, a run that has an end says why, and the rest is delivered`() throws {
    let bench = try bench(accepting: "u-1")
    bench.userToken = .failure(SecretProblem("the file is gone"))
    bench.write(id, #"{"metadata":"1"}"#)
    bench.ask("t", "ou_1")
    #expect(try bench.run(.once).missingSecret == "the file is gone")
    #expect(bench.feishu.bearers == ["t-1"])
    bench.userToken = .success("u-1")
    _ = try bench.run(.once)
    #expect(bench.feishu.bearers == ["t-1", "u-1"])
  }
}
