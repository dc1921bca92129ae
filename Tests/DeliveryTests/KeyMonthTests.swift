import Delivery
import Larkspur
import Planning
import Testing

/// Asks by key that wait for another month.
struct KeyMonthTests {
  private func saw(_ bench: Bench, _ token: String, _ key: String, by person: String) {
    bench.sql(
      "insert into sighting (token, key, open_id) values ('\(token)', '\(key)', '\(person)')")
  }

  private func ask(_ bench: Bench, _ key: String, _ body: String) {
    bench.sql(
      """
      insert into ask (kind, lane, body, asked_ms)
      values ('key', '\(key)', '{"\(body)":true}', \(bench.world.now + bench.world.wallOffset))
      """)
  }

  @Test(arguments: [["everyone"], ["viewers", "everyone"], ["viewers"]])
  func `each preview is refreshed once in the next month`(bodies: [String]) throws {
    let bench = try Bench()
    bench.settings.monthlyQuota = 1
    bench.ask("first")
    try bench.run()
    for number in 1...4 {
      saw(bench, "w\(number)", "ticket-1", by: "ou_1")
      saw(bench, "w\(number)", "ticket-2", by: "ou_1")
    }
    for body in bodies {
      ask(bench, "ticket-1", body)
      ask(bench, "ticket-2", body)
      try bench.run(.stay, for: 10_000)
    }
    bench.world.now += .days(33)
    try bench.run()
    let calls = bench.feishu.arrivals.dropFirst()
    let tokens = calls.flatMap(\.tokens)
    #expect(tokens.sorted() == ["w1", "w2", "w3", "w4"], "\(calls)")
    #expect(try bench.number("select count(*) from ask where outcome is null") == 0)
  }
}
