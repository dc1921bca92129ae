import Chance
import Planning
import Testing

@testable import Delivery

struct TimersTests {
  @Test func `the first is the earliest, whatever is set, moved and taken away`() {
    for seed in UInt64(1)...20 {
      var dice = Dice(seed)
      var timers = Timers<Int>()
      var plain: [Int: Moment] = [:]
      for _ in 0..<500 {
        let key = Int.random(in: 0..<40, using: &dice)
        let moment: Moment? =
          Int.random(in: 0..<4, using: &dice) == 0
          ? nil : Moment(ms: Int.random(in: 0..<1_000, using: &dice))
        timers.set(key, moment)
        plain[key] = moment
        #expect(timers.first == plain.values.min(), "seed \(seed)")
        let now = Moment(ms: Int.random(in: 0..<1_000, using: &dice))
        #expect(
          Set(timers.due(at: now)) == Set(plain.filter { $0.value <= now }.keys), "seed \(seed)")
      }
    }
  }
}

struct TableTests {
  private var table: Table<Int, String> = {
    var table = Table<Int, String>()
    table.insert("one", for: 1)
    table.insert("two", for: 2)
    table.commit()
    _ = table.takeTouched()
    return table
  }()

  @Test mutating func `what a turn has changed, added and removed can be taken back`() {
    table[1] += "!"
    table[1] += "!"
    table.insert("three", for: 3)
    table.remove(2)
    table.rollBack()
    #expect(table.find(1) == "one")
    #expect(table.find(2) == "two")
    #expect(table.find(3) == nil)
  }

  @Test mutating func `what was committed stays`() {
    table[1] += "!"
    table.commit()
    table[1] += "?"
    table.rollBack()
    #expect(table.find(1) == "one!")
  }

  @Test mutating func `it tells what was touched, also by taking it back`() {
    table[2] += "!"
    #expect(table.takeTouched() == [2])
    #expect(table.takeTouched().isEmpty)
    table.rollBack()
    #expect(table.takeTouched() == [2])
  }
}
