import Testing

@testable import Planning

struct CardParcelTests {
  private let terms = PackingTerms(joins: true, secondsSince1970: 1_000, dice: [10, 11])

  private func ask(_ id: Int, _ actions: String = "[1]", _ more: Fields = [:]) -> WaitingAsk {
    WaitingAsk(id: id, fields: more.merging(["actions": .json(actions)]) { $1 })
  }

  private func packed(
    _ waiting: [WaitingAsk], memory: Fields = [:], apart: Int = 0, joins: Bool = true
  ) -> Parcel? {
    var terms = terms
    terms.joins = joins
    guard
      case .parcel(let parcel) = Card.pack(waiting, memory: memory, apart: apart, terms)
    else { return nil }
    return parcel
  }

  @Test func `joined lists are one list`() {
    let parcel = packed([ask(1, "[1,2]"), ask(2, "[3]"), ask(3, "[[4]]")])
    #expect(parcel?.fields["actions"] == .text("[1,2,3,[4]]"))
    #expect(parcel?.asks == [1, 2, 3])
  }

  @Test func `without joining, or once taken apart, the first goes alone`() {
    #expect(packed([ask(1), ask(2)], joins: false)?.asks == [1])
    #expect(packed([ask(1), ask(2), ask(3)], apart: 2)?.asks == [1])
    #expect(packed([ask(2), ask(3)], apart: 2)?.asks == [2])
    #expect(packed([ask(3), ask(4)], apart: 2)?.asks == [3, 4])
  }

  @Test func `what bears a name or a number of its own is not joined, on either side`() {
    #expect(packed([ask(1), ask(2, "[1]", ["uuid": .text("u")]), ask(3)])?.asks == [1])
    #expect(packed([ask(1, "[1]", ["sequence": .number(7)]), ask(2)])?.asks == [1])
  }

  @Test(arguments: [(499_999, 2), (500_000, 1)])
  func `a joined list is as long as documented and no longer`(second: Int, joined: Int) {
    // Both lists have brackets. Joined, one comma replaces two of the four.
    let list = { (length: Int) in "[" + String(repeating: "1", count: length - 2) + "]" }
    let parcel = packed([ask(1, list(500_001)), ask(2, list(second + 1))])
    #expect(parcel?.asks.count == joined)
  }

  @Test func `joined lists are short enough even if bytes are counted`() {
    let list = { (count: Int) in "[" + String(repeating: "飞", count: count) + "]" }
    #expect(packed([ask(1, list(200_000)), ask(2, list(200_000))])?.asks == [1])
    #expect(packed([ask(1, list(100_000)), ask(2, list(200_000))])?.asks == [1, 2])
    #expect(packed([ask(1, list(500_000)), ask(2)])?.asks == [1])
  }

  @Test func `a number is above the last one and not below the clock`() {
    let number = { (memory: Fields) in packed([ask(1)], memory: memory)?.fields["sequence"] }
    #expect(number([:]) == .number(1_000))
    #expect(number(["sequence": .number(999)]) == .number(1_000))
    #expect(number(["sequence": .number(1_000)]) == .number(1_001))
    #expect(number(["sequence": .number(2_147_483_646)]) == .number(2_147_483_647))
  }

  @Test func `at the end of the numbers nothing can be sent`() {
    let memory: Fields = ["sequence": .number(2_147_483_647)]
    guard case .impossible(let asks, _) = Card.pack([ask(1)], memory: memory, apart: 0, terms)
    else {
      Issue.record("it was packed")
      return
    }
    #expect(asks == [1])
  }

  @Test func `a name is of 32 digits and comes from chance`() {
    #expect(packed([ask(1)])?.fields["uuid"] == .text("000000000000000a000000000000000b"))
  }

  @Test func `what is given stays as it is`() {
    let parcel = packed([ask(1, "[1]", ["uuid": .text("u"), "sequence": .number(3)])])
    #expect(parcel?.fields["uuid"] == .text("u") && parcel?.fields["sequence"] == .number(3))
    #expect(parcel?.isNameGiven == true && parcel?.isNumberGiven == true)
  }

  @Test func `the highest number ever sent is remembered`() throws {
    let parcel = try #require(packed([ask(1, "[1]", ["sequence": .number(3)])]))
    let memory = Card.memory(["sequence": .number(9)], sending: parcel)
    #expect(memory == ["sequence": .number(9)])
    #expect(Card.memory([:], sending: parcel) == ["sequence": .number(3)])
  }
}
