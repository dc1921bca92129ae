import Chance
import Foundation
import Larkspur
import Planning
import Testing

@testable import Delivery

/// Batches of cards: in order, each applied once.
struct CardTests {
  private func field(_ name: String, in body: String) -> Any? {
    ((try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any])?[name]
  }

  @Test func `batches that wait for one card are joined and applied in order`() throws {
    let bench = try Bench()
    let asks = (0..<5).map { bench.batch("c", "e\($0)") }
    try bench.run()
    #expect(bench.feishu.cards.applied["c"] == ["e0", "e1", "e2", "e3", "e4"])
    #expect(bench.feishu.cards.bodies["c"]?.count == 1)
    for ask in asks { #expect(try bench.state(ask) == .delivered) }
  }

  @Test func `an account can have them sent one by one`() throws {
    let bench = try Bench()
    bench.settings.joins = false
    for index in 0..<3 { bench.batch("c", "e\(index)") }
    try bench.run()
    #expect(bench.feishu.cards.applied["c"] == ["e0", "e1", "e2"])
    #expect(bench.feishu.cards.bodies["c"]?.count == 3)
  }

  @Test func `nothing is joined across a name or a number that was given`() throws {
    let bench = try Bench()
    bench.batch("c", "a")
    bench.batch("c", "b")
    bench.batch("c", "c", #","uuid":"mine""#)
    bench.batch("c", "d")
    bench.batch("c", "e", #","sequence":2000000000"#)
    bench.batch("c", "f")
    try bench.run()
    let bodies = try #require(bench.feishu.cards.bodies["c"])
    #expect(bench.feishu.cards.applied["c"] == ["a", "b", "c", "d", "e", "f"])
    #expect(bodies.count == 5)
    #expect(field("uuid", in: bodies[1]) as? String == "mine")
    #expect(field("sequence", in: bodies[3]) as? Int == 2_000_000_000)
    #expect(field("sequence", in: bodies[4]) as? Int == 2_000_000_001)
  }

  @Test func `a call never carries more than a million characters`() throws {
    let bench = try Bench()
    let long = String(repeating: "x", count: 399_000)
    for index in 0..<5 { bench.batch("c", "\(index)\(long)") }
    try bench.run()
    #expect(bench.feishu.cards.applied["c"]?.map(\.first) == ["0", "1", "2", "3", "4"])
    let lengths = bench.feishu.cards.bodies["c"]?.map {
      (field("actions", in: $0) as? String)?.unicodeScalars.count ?? 0
    }
    #expect(lengths?.count == 3 && lengths?.max() ?? .max <= 1_000_000)
  }

  @Test func `numbers are seconds since 1970, or the last one and one more`() throws {
    let bench = try Bench()
    bench.settings.joins = false
    bench.batch("c", "a")
    bench.batch("c", "b")
    let second = (bench.world.now + bench.world.wallOffset) / 1_000
    try bench.run()
    let numbers = bench.feishu.cards.bodies["c"]?.map { field("sequence", in: $0) as? Int }
    #expect(numbers == [second, second + 1])
  }

  @Test func `a lost answer is followed by the very same bytes, and the batch is applied once`()
    throws
  {
    for looksAtUUIDFirst in [true, false] {
      let bench = try Bench()
      bench.feishu.cards.looksAtUUIDFirst = looksAtUUIDFirst
      bench.feishu.fault = { call, _ in call <= 2 ? .lost : nil }
      let first = bench.batch("c", "a")
      // What is asked in the meantime does not become part of the repeated batch.
      bench.world.after(35) { bench.batch("c", "b") }
      try bench.run()
      let bodies = try #require(bench.feishu.cards.bodies["c"])
      #expect(bodies.count == 4 && Set(bodies.prefix(3)).count == 1, "\(bodies)")
      #expect(bench.feishu.cards.applied["c"] == ["a", "b"])
      #expect(try bench.state(first) == .delivered)
    }
  }

  /// A run that is killed when its call has just arrived. Returns what it sent.
  private func sendAndDie(_ bench: Bench) throws -> String {
    let store = try WorkerStore(queue: bench.path)
    let body = try store.transaction { () throws(StoreError) in
      try store.setClock(bench.world.clocks(), charged: try store.chargedLanes())
      let now = store.clocks.queue(bench.world.clocks().sinceBoot)
      _ = try store.fold(at: now, limit: 10)
      var settled = Settled()
      let flight = try store.claim(
        Channel(account: try store.account("default"), kind: .card), [.urgent, .ordinary],
        packing: .exact,
        PackingTerms(joins: true, secondsSince1970: 1_700_000_000, dice: [1, 2]), at: now,
        horizon: now, timeout: 10_000, &settled)
      guard let flight, case .parcel(let parcel, _) = flight.load else { return "" }
      let body = parcel.newBody
      try store.keep(body: body, of: flight)
      return body
    }
    _ = bench.feishu.cards.answer(
      FeishuWire.request(
        .card, host: "https://feishu.test", lanes: ["c"], body: body, bearer: "t-1"),
      at: bench.world.now)
    return body
  }

  @Test func `a call whose run was killed is repeated by the next one, byte for byte`() throws {
    let bench = try Bench()
    let ask = bench.batch("c", "a")
    let body = try sendAndDie(bench)
    bench.batch("c", "b")
    try bench.run()
    #expect(bench.feishu.cards.bodies["c"]?.prefix(2) == [body, body])
    #expect(bench.feishu.cards.applied["c"] == ["a", "b"])
    #expect(try bench.state(ask) == .delivered)
  }

  @Test func `what may have been applied is neither expired nor taken apart`() throws {
    let bench = try Bench()
    let ask = bench.ask(
      kind: "card", "c",
      #"{"actions":[{"action":"delete_elements","params":{"element_ids":["a"]}}]}"#,
      expiresIn: 5_000)
    _ = try sendAndDie(bench)
    bench.world.now += 60_000
    try bench.run()
    #expect(bench.feishu.cards.applied["c"] == ["a"])
    #expect(try bench.state(ask) == .delivered)
  }

  @Test func `of joined batches only the guilty one dies`() throws {
    for refusalsCount in [false, true] {
      let bench = try Bench()
      bench.feishu.cards.badElements = ["bad"]
      bench.feishu.cards.refusalsCount = refusalsCount
      let asks = ["a", "b", "bad", "c"].map { bench.batch("c", $0) }
      try bench.run()
      #expect(bench.feishu.cards.applied["c"] == ["a", "b", "c"])
      guard case .dead(let reason) = try bench.state(asks[2]) else {
        Issue.record("the guilty one is not dead")
        return
      }
      #expect(reason.contains("300314"))
      for index in [0, 1, 3] { #expect(try bench.state(asks[index]) == .delivered) }
    }
  }

  @Test func `behind another program's numbers it finds a higher one`() throws {
    let bench = try Bench()
    let second = (bench.world.now + bench.world.wallOffset) / 1_000
    bench.feishu.cards.sequences["c"] = second + 5_000
    let ask = bench.batch("c", "a")
    try bench.run()
    #expect(bench.feishu.cards.applied["c"] == ["a"])
    #expect(try bench.state(ask) == .delivered)
    let names = bench.feishu.cards.bodies["c"]?.map { field("uuid", in: $0) as? String ?? "" }
    #expect(Set(names ?? []).count == names?.count)
  }

  @Test func `it does not look for a higher number for ever`() throws {
    let bench = try Bench()
    bench.feishu.cards.sequences["c"] = 2_147_483_000
    let ask = bench.batch("c", "a")
    try bench.run()
    #expect(bench.feishu.cards.bodies["c"]?.count == 5)
    guard case .dead(let reason) = try bench.state(ask) else {
      Issue.record("it is not dead")
      return
    }
    #expect(reason.contains("300317"))
  }

  @Test func `a number that was given is not changed`() throws {
    let bench = try Bench()
    bench.feishu.cards.sequences["c"] = 9
    let ask = bench.batch("c", "a", #","sequence":5"#)
    try bench.run()
    #expect(bench.feishu.cards.bodies["c"]?.count == 1)
    guard case .dead = try bench.state(ask) else {
      Issue.record("it is not dead")
      return
    }
  }

  @Test func `a name that was given and is known already is a batch that was applied`() throws {
    let bench = try Bench()
    bench.batch("c", "a", #","uuid":"mine""#)
    let again = bench.batch("c", "a", #","uuid":"mine""#)
    try bench.run()
    #expect(bench.feishu.cards.applied["c"] == ["a"])
    #expect(try bench.state(again) == .delivered)
  }

  @Test func `a name that is taken is changed once`() throws {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in
      call <= 1 ? .answer(400, #"{"code":200770,"msg":"UUID conflict"}"#) : nil
    }
    bench.batch("c", "a")
    try bench.run()
    #expect(bench.feishu.cards.applied["c"] == ["a"])
    let bench2 = try Bench()
    bench2.feishu.fault = { _, _ in .answer(400, #"{"code":200770,"msg":"UUID conflict"}"#) }
    let ask = bench2.batch("c", "a")
    try bench2.run()
    guard case .dead = try bench2.state(ask) else {
      Issue.record("it is not dead")
      return
    }
  }

  @Test func `a card that is being used is waited for a moment`() throws {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in
      call <= 3 ? .answer(400, #"{"code":200810,"msg":"ongoing interaction"}"#) : nil
    }
    bench.batch("c", "a")
    try bench.run()
    #expect(bench.feishu.cards.applied["c"] == ["a"])
    #expect(bench.world.now - bench.start < 5_000)
  }

  @Test(arguments: [200_740, 200_750])
  func `what waits for a card that is gone dies, with the reason`(code: Int) throws {
    let bench = try Bench()
    bench.settings.joins = false
    bench.feishu.cards.gone = ["c": code]
    let asks = (0..<3).map { bench.batch("c", "e\($0)") }
    let other = bench.batch("d", "x")
    try bench.run()
    for ask in asks {
      guard case .dead(let reason) = try bench.state(ask) else {
        Issue.record("it is not dead")
        return
      }
      #expect(reason.contains("\(code)"))
    }
    #expect(try bench.state(other) == .delivered)
    // The first batch shows that the card is gone, so the others are never sent.
    #expect(bench.feishu.cards.bodies["c"]?.count == 4)
  }

  @Test func `a card that is not found everywhere yet is asked for again`() throws {
    let bench = try Bench()
    bench.feishu.fault = { call, _ in
      call <= 2 ? .answer(400, #"{"code":200740,"msg":"not found"}"#) : nil
    }
    let ask = bench.batch("c", "a")
    bench.batch("d", "x")
    try bench.run()
    #expect(try bench.state(ask) == .delivered)
  }

  @Test func `asks older than two weeks die without a call`() throws {
    let bench = try Bench()
    let old = bench.batch("c", "old")
    bench.world.now += 15 * 86_400_000
    let new = bench.batch("c", "new")
    try bench.run()
    guard case .dead(let reason) = try bench.state(old) else {
      Issue.record("it is not dead")
      return
    }
    #expect(reason.contains("14 days"))
    #expect(try bench.state(new) == .delivered)
    #expect(bench.feishu.cards.applied["c"] == ["new"])
  }

  @Test func `a thousand batches over twenty cards, with everything going wrong, are applied once`()
    throws
  {
    for seed in 1...5 as ClosedRange<UInt64> {
      let bench = try Bench(seed: seed)
      var dice = Dice(seed)
      var wanted: [String: [String]] = [:]
      bench.feishu.cards.looksAtUUIDFirst = seed % 2 == 0
      for index in 0..<1_000 {
        let card = "c\(dice.next() % 20)"
        let element = "e\(index)"
        wanted[card, default: []].append(element)
        bench.batch(card, element)
      }
      bench.feishu.fault = { _, _ in
        switch dice.next() % 20 {
        case 0...3: .lost
        case 4: .answer(502, "<html>")
        case 5:
          .answer(
            429, #"{"code":99991400,"msg":"limit"}"#, headers: ["x-ogw-ratelimit-reset": "1"])
        case 6: .neverLeft("refused")
        case 7: .answer(500, #"{"code":2200,"msg":"internal"}"#)
        default: nil
        }
      }
      for _ in 1...30 {
        // Stopped twice, it leaves what is in flight.
        bench.world.after(700) { bench.world.stopRequests = 2 }
        _ = try? bench.run(.stay, for: 800)
        bench.world.stopRequests = 0
      }
      try bench.run()
      #expect(bench.feishu.cards.applied == wanted, "seed \(seed)")
    }
  }
}
