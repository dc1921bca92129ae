import Chance
import Sharing
import Testing

/// What a statement of the server could see.
struct SnapshotTests {
  private func sees(_ text: String, _ number: UInt64) throws -> Bool {
    try #require(Snapshot(text)).sees(TransactionID(number))
  }

  @Test func `what had ended is seen, what was under way or had not begun is not`() throws {
    let text = "10:20:12,15"
    for number: UInt64 in [3, 9, 10, 11, 13, 19] { #expect(try sees(text, number)) }
    for number: UInt64 in [12, 15, 20, 21, .max] { #expect(try !sees(text, number)) }
  }

  @Test func `without transactions under way all before the end are seen`() throws {
    #expect(try sees("700:700:", 699) && !sees("700:700:", 700))
  }

  @Test(
    arguments: [
      "", "10", "10:20", "10:20:12:", "a:20:", "10:b:", "10:20:x", "20:10:", "10:20:9", "10:20:20",
      "-1:20:", " 10:20:",
    ])
  func `what is not a snapshot is refused`(text: String) {
    #expect(Snapshot(text) == nil)
  }

  /// A transaction with a lower number may commit after one with a higher number was read. A cursor would skip it.
  @Test func `whatever the order in which transactions commit, each is new in exactly one look`()
    throws
  {
    let seed = UInt64.random(in: .min ... .max)
    var dice = Dice(seed)
    for _ in 0..<200 {
      var begun: UInt64 = 100
      var underWay: Set<UInt64> = []
      var last = try #require(Snapshot("100:100:"))
      var found: [UInt64: Int] = [:]
      for _ in 0..<dice.number(1...40) {
        switch dice.number(0...2) {
        case 0:
          underWay.insert(begun)
          begun += 1
        case 1:
          if let one = underWay.sorted().first(where: { _ in dice.chance(500) }) {
            underWay.remove(one)
          }
        default:
          let list = underWay.sorted().map(String.init).joined(separator: ",")
          let look = try #require(Snapshot("\(underWay.min() ?? begun):\(begun):\(list)"))
          for number in 100..<begun {
            let one = TransactionID(number)
            if look.sees(one) && !last.sees(one) { found[number, default: 0] += 1 }
          }
          last = look
        }
      }
      for number in 100..<begun {
        let isSeen = last.sees(TransactionID(number))
        #expect(
          found[number, default: 0] == (isSeen ? 1 : 0), "seed \(seed), transaction \(number)")
      }
    }
  }
}
