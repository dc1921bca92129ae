import Larkspur
import Planning
import Testing

@testable import Delivery

/// More to do than one turn has time for.
struct CrowdedTurnTests {
  private func bench(cards: Int, answeredAfter latency: Int) throws -> Bench {
    let bench = try Bench()
    bench.world.isCrowded = true
    bench.feishu.fault = { _, _ in .slow(latency) }
    for card in 0..<cards { bench.batch("card\(card)", "e") }
    return bench
  }

  @Test(arguments: [25, 40, 50, 60])
  func `a run that is to end while more may go writes down all answers, and ends`(cards: Int) throws
  {
    let bench = try bench(cards: cards, answeredAfter: 500)
    bench.world.at(bench.start + 100) { bench.world.stopRequests = 1 }
    try bench.run(.stay)
    #expect(bench.world.now - bench.start < 2_000)
    let delivered = try bench.number("select count(*) from ask where outcome = 'delivered'")
    #expect(delivered >= 25)
    #expect(
      try bench.number("select count(*) from call where api = 'card' and outcome = 'delivered'")
        == delivered)
    #expect(try bench.number("select count(*) from call where ended_ms is null") == 0)
  }

  @Test(arguments: [25, 40, 50])
  func `answers that come all at once are written down at once`(cards: Int) throws {
    let bench = try bench(cards: cards, answeredAfter: 500)
    try bench.run(.untilEmpty)
    #expect(bench.world.now - bench.start < 2_000)
    #expect(
      try bench.number("select count(*) from ask where outcome = 'delivered'") == Int(cards))
  }

  @Test func `an account that may call without end leaves room for the others`() throws {
    let bench = try Bench()
    bench.feishu.callsPerSecond = 1_000_000
    bench.settings.limits[.preview] = [Budget.Limit(1_000_000, per: .seconds(1))]
    for token in 0..<2_000 { bench.ask("t\(token)") }
    bench.batch("card", "e")
    try bench.run()
    let before = try bench.number(
      "select count(*) from call where id < (select max(id) from call where api = 'card')")
    #expect(before < 60, "\(before) calls came before the card's")
  }

  @Test func `an account that has much to send leaves room for one that was added later`() throws {
    let bench = try Bench()
    bench.feishu.callsPerSecond = 1_000_000
    bench.settings.limits[.preview] = [Budget.Limit(1_000_000, per: .seconds(1))]
    bench.others = [
      AccountSettings(
        name: "shop", host: "https://feishu.test", appID: "cli_2", secret: .environment("SHOP"))
    ]
    // Both have an access token when it matters.
    for account in ["default", "shop"] { bench.ask("first", "ou_1", account: account) }
    bench.world.after(10_000) {
      bench.ask("other", "ou_1", account: "shop")
      for token in 0..<500 { bench.ask("t\(token)", "ou_\(token)") }
    }
    try bench.run(.stay, for: 20_000)
    let before = try bench.number(
      """
      select count(*) from call where api = 'preview' and id < (
        select max(call.id) from call join account on account.id = account_id
        where api = 'preview' and name = 'shop')
      """)
    #expect(before < 60, "\(before) calls came before the shop's")
  }

  @Test func `where turns take their time, a card waits no longer for an account's many calls`()
    throws
  {
    let bench = try Bench()
    bench.feishu.callsPerSecond = 1_000_000
    bench.settings.limits[.preview] = [Budget.Limit(1_000_000, per: .seconds(1))]
    for token in 0..<4_000 { bench.ask("t\(token)") }
    bench.batch("early", "e")
    let machine = SlowMachine(bench.world, dice_ms: 1)
    var sentBefore: Int?
    machine.onWait = {
      if sentBefore == nil, machine.leads.count >= 100 {
        sentBefore = machine.leads.count
        bench.batch("late", "e")
      }
    }
    try machine.run(bench)
    let place = try bench.number(
      "select count(*) from call where id < (select max(id) from call where api = 'card')")
    let between = place - (sentBefore ?? 0)
    #expect(between < 60, "\(between) calls came between the asking and the card's")
  }
}
