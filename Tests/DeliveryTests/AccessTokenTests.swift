import Delivery
import Foundation
import Larkspur
import Planning
import Testing

struct AccessTokens {
  static func token(_ value: String) -> Outcome {
    let body = #"{"code":0,"msg":"ok","tenant_access_token":"\#(value)","expire":7200}"#
    return .answered(RawAnswer(status: 200, body: Array(body.utf8)))
  }

  @Test func `one is fetched for many calls, and none without work`() throws {
    let bench = try Bench()
    try bench.run(.once)
    #expect(bench.feishu.tokenRequests == 0)
    for token in 0..<100 { bench.ask("t\(token)") }
    try bench.run()
    #expect(bench.feishu.tokenRequests == 1)
  }

  @Test func `it is renewed in its last half hour while work goes on`() throws {
    let bench = try Bench()
    for hour in 0..<8 { bench.ask("t\(hour)", after: hour * 900_000 + 1) }
    try bench.run()
    #expect(bench.feishu.tokenRequests == 2)
  }

  @Test func `a refused one is dropped and the call repeated once with another`() throws {
    let bench = try Bench()
    bench.feishu.tokenAnswer = { request, _ in Self.token("t-\(request)") }
    bench.feishu.fault = { call, _ in
      call == 1 ? .answer(400, #"{"code":99991663,"msg":"invalid"}"#) : nil
    }
    let ask = bench.ask("a")
    try bench.run()
    #expect(try bench.state(ask) == .delivered)
    #expect(bench.feishu.tokenRequests == 2)
    #expect(bench.feishu.arrivals.count == 2)
    #expect(bench.feishu.violations == [])
  }

  @Test func `tokens that are refused one after the other park the account`() throws {
    let bench = try Bench()
    bench.feishu.tokenAnswer = { request, _ in Self.token("t-\(request)") }
    bench.feishu.fault = { _, _ in .answer(400, #"{"code":99991663,"msg":"invalid"}"#) }
    let ask = bench.ask("a")
    let result = try bench.run()
    #expect(bench.feishu.arrivals.count == 5)
    #expect(result.parked.first?.trouble == .credentials)
    #expect(try bench.state(ask) == .open)
  }

  @Test func `a wrong secret parks the account without a single call`() throws {
    let bench = try Bench()
    bench.feishu.tokenAnswer = { _, _ in
      .answered(RawAnswer(status: 400, body: Array(#"{"code":10014,"msg":"invalid"}"#.utf8)))
    }
    bench.ask("a")
    let result = try bench.run()
    #expect(bench.feishu.tokenRequests == 1)
    #expect(bench.feishu.arrivals.isEmpty)
    #expect(result.parked.first?.trouble == .credentials)
  }

  @Test func `a secret that cannot be read ends a run that has an end, and says why`() throws {
    let bench = try Bench()
    bench.secret = .failure(SecretProblem("no file"))
    bench.ask("a")
    #expect(try bench.run().missingSecret == "no file")
  }

  @Test func `no secret and no access token is ever in the database`() throws {
    let bench = try Bench()
    bench.secret = .success("xyzzy-secret")
    bench.feishu.tokenAnswer = { _, _ in Self.token("t-plugh") }
    bench.feishu.fault = { call, _ in call == 1 ? .answer(400, #"{"code":99991663}"#) : nil }
    bench.ask("a")
    try bench.run()
    for file in ["queue.db", "queue.db-wal"] {
      guard let bytes = try? Data(contentsOf: bench.folder.appending(path: file)) else {
        continue
      }
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(!text.contains("xyzzy") && !text.contains("plugh"))
    }
  }
}
