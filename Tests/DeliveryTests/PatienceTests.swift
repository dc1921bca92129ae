import Delivery
import Foundation
import Larkspur
import Planning
import Testing

struct Patience {
  func answer(_ status: Int, _ code: Int) -> SimulatedFeishu.Fault {
    .answer(status, #"{"code":\#(code),"msg":"no"}"#)
  }

  @Test func `a rate limit pauses the API for as long as the server asks, and costs no attempt`()
    throws
  {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in
      call == 1
        ? .answer(429, #"{"code":99991400}"#, headers: ["x-ogw-ratelimit-reset": "7"]) : nil
    }
    bench.ask("a")
    bench.ask("b", "ou_1", after: 1_000)
    try bench.run()
    #expect(bench.feishu.arrivals.count == 3)
    #expect(bench.feishu.arrivals[1].at - bench.feishu.arrivals[0].at >= 7_000)
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 2)
  }

  /// The end of the wait as servers write it, and the resulting wait. Some give a wall-clock time;
  /// the wall clock stands at 1,700,001,000,000 ms when the run begins.
  @Test(arguments: [
    ("1700001030", 29_000), ("1700001030000", 29_000), ("1700001030.25", 29_250), ("29.2", 29_200),
    ("29.0001 ", 29_001), ("784111777", 3_600_000),
    ("1700004000", 2_999_000), ("1700009000", 3_600_000), ("86400", 3_600_000),
    ("99999999999999999999", 3_600_000), ("1600000000", 3_600_000),
  ])
  func `a wait may be given as a moment, and is an hour at most`(
    header: String, wait: Int
  ) throws {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in
      call == 1
        ? .answer(429, #"{"code":99991400}"#, headers: ["x-ogw-ratelimit-reset": header]) : nil
    }
    bench.ask("a")
    try bench.run(.stay, for: 4_000_000)
    let gap = try gap(bench)
    #expect((wait...wait + 2_000).contains(gap), "\(gap) ms")
  }

  @Test(arguments: [
    "0", "-5", "", "soon", "1e3", "0x10", "nan", "1.5.2", ".", "1700000990", "+3", "5 s",
  ])
  func `a header that names no time to wait is ignored`(header: String) throws {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in
      call == 1
        ? .answer(429, #"{"code":99991400}"#, headers: ["x-ogw-ratelimit-reset": header]) : nil
    }
    bench.ask("a")
    try bench.run()
    // The lane's slot of five seconds is longer than the worker's own pause after one refusal.
    let gap = try gap(bench)
    #expect((5_000..<6_000).contains(gap), "\(gap) ms")
  }

  @Test(arguments: [
    ("x-ogw-ratelimit-reset", "784111807"), ("retry-after", "784111807"),
    ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"),
  ])
  func `a moment is held against the server's own clock where it tells it`(
    header: String, value: String
  ) throws {
    let bench = try Bench()
    let headers = [header: value, "date": "Sun, 06 Nov 1994 08:49:37 GMT"]
    bench.feishu.fault = { call, _ in
      call == 1 ? .answer(429, #"{"code":99991400}"#, headers: headers) : nil
    }
    bench.ask("a")
    try bench.run()
    let gap = try gap(bench)
    #expect((30_000..<31_500).contains(gap), "\(gap) ms")
  }

  /// The time between the arrivals of the first and the second call.
  private func gap(_ bench: Bench) throws -> Int {
    let moments = bench.feishu.arrivals.map(\.at)
    try #require(moments.count == 2)
    return moments[1] - moments[0]
  }

  @Test func `the pause outlives the run`() throws {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in
      call == 1
        ? .answer(429, #"{"code":99991400}"#, headers: ["x-ogw-ratelimit-reset": "52"]) : nil
    }
    bench.ask("a")
    #expect(try bench.run(.once).leftBehind?.contains("99991400") == true)
    bench.world.now += 6_000
    let second = try bench.run(.once)
    #expect(second.leftBehind != nil)
    #expect(bench.feishu.arrivals.count == 1)
    try bench.run()
    #expect(bench.feishu.arrivals[1].at - bench.feishu.arrivals[0].at >= 52_000)
  }

  @Test func `a month that is used up waits for the first and is not asked again in seconds`()
    throws
  {
    let bench = try Bench()
    bench.feishu.fault = { [answer] call, _ in call == 1 ? answer(429, 99_991_403) : nil }
    let ask = bench.ask("a")
    let result = try bench.run()
    #expect(bench.feishu.arrivals.count == 1)
    #expect(result.leftBehind?.contains("99991403") == true)
    bench.world.now += 31 * 86_400_000
    try bench.run()
    #expect(try bench.state(ask) == .delivered)
  }

  @Test(arguments: [99_991_672, 10_014, 99_991_201])
  func `what only a person can mend parks the account, keeps the queue and is tried rarely`(
    code: Int
  ) throws {
    let bench = try Bench()
    bench.feishu.fault = { [answer] _, _ in answer(400, code) }
    let ask = bench.ask("a")
    let result = try bench.run()
    #expect(result.parked.count == 1)
    #expect(try bench.state(ask) == .open)
    bench.world.now += 60_000
    try bench.run(.once)
    #expect(bench.feishu.arrivals.count == 1)
    bench.world.now += 16 * 60_000
    try bench.run(.stay, for: 10_000)
    #expect(bench.feishu.arrivals.count == 2)
  }

  @Test func `resuming lets it go on at once, also under a run`() throws {
    let bench = try Bench()
    var isMended = false
    bench.feishu.fault = { [answer] _, _ in isMended ? nil : answer(400, 99_991_672) }
    let ask = bench.ask("a")
    bench.world.after(10_000) {
      isMended = true
      do {
        #expect(try Inspector(queue: bench.path).resume(account: "default"))
      } catch { Issue.record(error) }
    }
    try bench.run(.stay, for: 12_000)
    #expect(try bench.state(ask) == .delivered)
    #expect(bench.feishu.arrivals.last.map { $0.at - bench.start < 10_100 } == true)
  }

  @Test func `a host that cannot be reached is tried ever more rarely, at no cost to the lanes`()
    throws
  {
    let bench = try Bench()
    var tries = 0
    bench.feishu.fault = { _, at in
      tries += 1
      return at < bench.start + 600_000 ? .neverLeft("could not resolve host") : nil
    }
    let ask = bench.ask("a")
    bench.world.after(700_000) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    #expect(try bench.state(ask) == .delivered)
    #expect(tries < 60)
  }

  @Test func `once, with no way to the host, ends and says so`() throws {
    let bench = try Bench()
    bench.feishu.fault = { _, _ in .neverLeft("connection refused") }
    bench.ask("a")
    let result = try bench.run(.once)
    #expect(
      result.unreachable
        == "Feishu cannot be reached: connection refused (https://feishu.test)")
    #expect(bench.feishu.arrivals.isEmpty)
  }

  @Test func `a host that fails whatever it is sent is spared most of the queue`() throws {
    let bench = try Bench()
    bench.feishu.fault = { _, at in
      at < bench.start + 300_000 ? .answer(503, "<html>busy</html>") : nil
    }
    for token in 0..<1_000 { bench.ask("t\(token)", "ou_1") }
    bench.world.after(400_000) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    let failed = bench.feishu.arrivals.count { !$0.wasApplied }
    #expect(failed < 40, "\(failed) calls in five minutes")
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 1_000)
  }
}

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

struct PoisonedCalls {
  @Test func `one malformed token dies alone and the others lose no attempt`() throws {
    let bench = try Bench()
    bench.feishu.badTokens = ["t7"]
    let asks = (0..<10).map { bench.ask("t\($0)", "ou_1") }
    let result = try bench.run()
    for (index, ask) in asks.enumerated() where index != 7 {
      #expect(try bench.state(ask) == .delivered)
    }
    #expect(
      try bench.state(asks[7]) == .dead(reason: "230001 param is invalid (HTTP 400)"))
    #expect(result.asksDied == 1)
    #expect(bench.feishu.violations == [])
    // While the others are in flight, the worker cannot know that it is the only one.
    #expect(bench.feishu.arrivals.count == 12)
  }

  @Test func `it is found by halves while others wait for the budget`() throws {
    let bench = try Bench()
    bench.feishu.badTokens = ["t3"]
    for token in 0..<1_000 { bench.ask("t\(token)", "ou_1") }
    try bench.run()
    // 100 full calls, of which one is refused, and its ten tokens again: 5 + 5, 3 + 2, 1 + 1 + 1.
    // While others wait, the malformed one is tried alone four times.
    #expect(bench.feishu.arrivals.count <= 111)
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 999)
  }

  @Test func `one malformed open_id is found, and the others of its token are reached`() throws {
    let bench = try Bench()
    bench.feishu.badPeople = ["ou_1037"]
    let people = (0..<100).map { "ou_\(1_000 + $0)" }
    let ask = bench.ask("a", audience: .people(people))
    try bench.run()
    let reached = Set(
      bench.feishu.arrivals.filter(\.wasApplied).flatMap { $0.people ?? [] })
    #expect(reached == Set(people).subtracting(["ou_1037"]))
    guard case .dead(let reason)? = try bench.state(ask) else {
      Issue.record("an ask of which somebody was refused is not delivered")
      return
    }
    #expect(reason.contains("230001"))
    #expect(
      try bench.number("select count(*) from ask where refused = '[\"ou_1037\"]'") == 1)
    #expect(bench.feishu.arrivals.count < 25)
    #expect(bench.feishu.violations == [])
  }

  @Test func `a malformed token with many people is found after a few calls`() throws {
    let bench = try Bench()
    bench.feishu.badTokens = ["a"]
    let ask = bench.ask("a", audience: .people((0..<100).map { "ou_\(1_000 + $0)" }))
    try bench.run()
    #expect(bench.feishu.arrivals.count <= 9)
    guard case .dead? = try bench.state(ask) else {
      Issue.record("the ask is not dead")
      return
    }
  }

  @Test func `who is refused for one token is not asked for again with a thousand others`() throws {
    let bench = try Bench()
    bench.feishu.badPeople = ["ou_3"]
    let people = (0..<20).map { "ou_\($0)" }
    for token in 0..<1_000 { bench.ask("t\(token)", audience: .people(people)) }
    bench.ask("alone", "ou_3")
    let result = try bench.run()
    // Without this user a hundred calls would be enough. Finding out takes about a minute of
    // refused calls, which count towards no quota. Finding out for each token separately would take
    // eleven thousand.
    let refused = bench.feishu.arrivals.count { !$0.wasApplied }
    #expect(refused < 400, "\(refused) refused")
    #expect(bench.feishu.arrivals.count < 600, "\(bench.feishu.arrivals.count) calls")
    #expect(result.asksDied == 1_001)
    let reached = bench.feishu.arrivals.filter(\.wasApplied)
    #expect(Set(reached.flatMap(\.tokens)).count == 1_000)
    #expect(bench.feishu.violations == [])
  }

  @Test func `retried, a dead ask goes only to those who were refused`() throws {
    let bench = try Bench()
    bench.feishu.badPeople = ["ou_2"]
    let ask = bench.ask("a", "ou_1", "ou_2", "ou_3")
    try bench.run()
    bench.feishu.badPeople = []
    #expect(try Inspector(queue: bench.path).retry(.lane("a", account: nil)) == 1)
    try bench.run()
    #expect(try bench.state(ask) == .delivered)
    #expect(bench.feishu.arrivals.last?.people == ["ou_2"])
  }

  @Test func `cancelled, a lane is not sent, and what is in flight gets its answer`() throws {
    let bench = try Bench()
    bench.feishu.latency_ms = 500
    let first = bench.ask("a", "ou_1")
    var second = 0
    bench.world.after(600) {
      second = bench.ask("a", "ou_2")
    }
    bench.world.after(700) {
      do {
        let cancelled = try Inspector(queue: bench.path).cancel(lane: "a", account: nil)
        #expect(cancelled.asks == 1 && cancelled.callsUnderWay == 1)
      } catch { Issue.record(error) }
    }
    try bench.run(.stay, for: 20_000)
    #expect(try bench.state(first) == .delivered)
    #expect(try bench.state(second) == .cancelled)
    #expect(bench.feishu.arrivals.count == 1)
  }
}

struct Ending {
  @Test func `asked to end, a run waits for what is in flight and starts nothing`() throws {
    let bench = try Bench()
    bench.feishu.latency_ms = 3_000
    for token in 0..<200 { bench.ask("t\(token)", "ou_1") }
    bench.world.after(3_500) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    #expect(bench.feishu.arrivals.count == 5)
    #expect(try bench.number("select count(*) from call where ended_ms is null") == 0)
    #expect(try bench.number("select count(*) from ask where outcome = 'delivered'") == 50)
  }

  @Test func `once leaves what comes due later to the next run`() throws {
    let bench = try Bench()
    let people = (0..<150).map { "ou_\(1_000 + $0)" }
    bench.ask("large", audience: .people(people))
    bench.ask("later", after: 60_000)
    for token in 0..<100 { bench.ask("t\(token)") }
    bench.world.after(30) { bench.ask("new") }
    try bench.run(.once)
    #expect(bench.feishu.arrivals.count == 11)
    #expect(!bench.feishu.arrivals.contains { $0.tokens.contains("new") })
    try bench.run(.untilEmpty)
    #expect(bench.feishu.arrivals.count == 14)
  }

  @Test func `time that is up ends a run between calls`() throws {
    let bench = try Bench()
    for token in 0..<1_000 { bench.ask("t\(token)", "ou_1") }
    try bench.run(.untilEmpty, for: 5_000)
    #expect(bench.feishu.arrivals.count == 25)
    #expect(bench.world.now - bench.start < 5_200)
  }

  @Test func `an account nobody has configured keeps its lanes and is named`() throws {
    let bench = try Bench()
    let ask = bench.ask("a", account: "other")
    try bench.run()
    #expect(try bench.state(ask) == .open)
    let isNamed = bench.events.contains { event in
      if case .unknownAccount("other") = event { true } else { false }
    }
    #expect(isNamed)
  }

  @Test func `two accounts do not slow each other`() throws {
    let bench = try Bench()
    for token in 0..<100 { bench.ask("t\(token)", "ou_1") }
    for token in 0..<100 { bench.ask("t\(token)", "ou_1", account: "other") }
    let store = try WorkerStore(queue: bench.path)
    var other = bench.settings
    other.name = "other"
    bench.feishu.callsPerSecond = 10
    let worker = Worker(
      store: store, world: bench.world, accounts: [bench.settings, other],
      mode: WorkMode(goal: .untilEmpty), callTimeout: 10_000,
      readSecret: { _ in .success("s") }, report: { _ in })
    _ = try worker.run()
    #expect(bench.feishu.arrivals.count == 20)
    #expect(bench.world.now - bench.start < 1_200)
  }
}
