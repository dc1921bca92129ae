import Planning
import Testing

@testable import Larkspur

/// Users whom Feishu has refused, in what other lanes want.
struct RefusedPeopleTests {
  private let queue: QueueAtWork
  private let cover = Packing.cover(extraPairsMax: Packing.defaultExtraPairsMax)

  init() throws { queue = try QueueAtWork() }

  private func refuse(_ person: String) throws {
    try queue.store.transaction { () throws(StoreError) in
      try queue.store.remember(
        refused: .people([person]), reason: "99992351", account: queue.previews.account,
        at: queue.now)
    }
  }

  @Test func `a lane that wants one of them joins no call of other lanes`() throws {
    try refuse("ou_9")
    try queue.ask(
      .preview("a", for: .people(["ou_1"])), .preview("b", for: .people(["ou_2", "ou_9"])),
      .preview("c", for: .people(["ou_3"])))
    let call = try #require(try queue.claim(cover))
    #expect(call.lanes.map(\.name) == ["a", "c"])
    #expect(call.audience == .people(["ou_1", "ou_3"]))
  }

  @Test func `it goes without them when its turn comes`() throws {
    try refuse("ou_9")
    try queue.ask(.preview("b", for: .people(["ou_2", "ou_9"])))
    let call = try #require(try queue.claim(cover))
    #expect(call.audience == .people(["ou_2"]))
  }

  @Test(arguments: [true, false])
  func `a user is one of them only if the refusal is certain`(isCertain: Bool) throws {
    try queue.ask(.preview("a", for: .people(["ou_1", "ou_2"])))
    let call = try #require(try queue.claim())
    let fate = Fate.peopleRefused(
      .people(["ou_2"]), strikes: isCertain ? 0 : 1, isCertain: isCertain)
    try queue.settle(call, [fate])
    let known: [[Cell]] = isCertain ? [[.text("ou_2")]] : []
    #expect(try queue.rows("select open_id from refused_person") == known)
  }
}
