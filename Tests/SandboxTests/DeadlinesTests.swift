import Testing

@testable import Sandbox

struct DeadlinesTests {
  @Test func `what is due comes out nearest first, and nothing before its time`() {
    var deadlines = Deadlines<String>()
    for (item, moment) in [("c", 30), ("a", 10), ("d", 30), ("b", 20)] {
      deadlines.add(item, at: moment)
    }
    #expect(deadlines.nearest == 10)
    #expect(deadlines.popDue(at: 9) == nil)
    #expect(deadlines.popDue(at: 20) == "a")
    #expect(deadlines.popDue(at: 20) == "b")
    #expect(deadlines.popDue(at: 20) == nil)
    #expect(deadlines.popDue(at: 99) == "c")
    #expect(deadlines.popDue(at: 99) == "d")
    #expect(deadlines.nearest == nil)
  }
}
