import Planning
import Testing

/// Months are numbers here: by a correct clock, a month ends at 100 times its number.
struct MonthlyCallsTests {
  private func counted(_ calls: Int, in month: Int) -> MonthlyCalls {
    MonthlyCalls(shown: .init(number: month, calls: calls, ends: Moment(month * 100)))
  }

  @Test func `a month that is over leaves nothing to the next`() {
    var calls = counted(7, in: 1)
    calls.turn(to: 2, ends: 200, at: 100)
    #expect(calls.shown == .init(number: 2, calls: 0, ends: 200))
    #expect(calls.fullest(at: 100).calls == 0)
  }

  @Test func `a month that the clock has left early counts on until it is over`() {
    var calls = counted(7, in: 1)
    calls.turn(to: 2, ends: 150, at: 50)
    calls.count(ends: 150, at: 50)
    #expect(calls.shown.calls == 1)
    #expect(calls.fullest(at: 99) == .init(number: 1, calls: 8, ends: 100))
    #expect(calls.fullest(at: 100).calls == 1)
  }

  @Test func `a month that the clock comes back to has all that was counted meanwhile`() {
    var calls = counted(7, in: 1)
    calls.turn(to: 2, ends: 150, at: 50)
    calls.count(ends: 150, at: 50)
    calls.turn(to: 1, ends: 100, at: 51)
    calls.count(ends: 100, at: 51)
    #expect(calls.shown == .init(number: 1, calls: 9, ends: 100))
    calls.turn(to: 2, ends: 200, at: 100)
    #expect(calls.shown.calls == 2)
  }

  @Test(arguments: [0, 1, 5])
  func `it is not forgotten when another month comes between`(calls between: Int) {
    var calls = counted(7, in: 1)
    for month in [2, 3] {
      calls.turn(to: month, ends: 150, at: 50)
      for _ in 0..<between { calls.count(ends: 150, at: 50) }
    }
    #expect(calls.fullest(at: 50).calls == 7 + 2 * between)
    calls.turn(to: 1, ends: 100, at: 51)
    #expect(calls.shown.calls == 7 + 2 * between)
  }

  @Test(arguments: [1, 0, -600])
  func `a clock that shows an old month for a while limits nothing afterwards`(month: Int) {
    var calls = counted(7, in: 1)
    calls.turn(to: 2, ends: 200, at: 100)
    for _ in 0..<3 { calls.count(ends: 200, at: 100) }
    calls.turn(to: month, ends: 5_000, at: 110)
    #expect(calls.shown.calls >= 3)
    calls.count(ends: 5_000, at: 110)
    calls.turn(to: 2, ends: 200, at: 120)
    #expect(calls.fullest(at: 120) == .init(number: 2, calls: 4, ends: 200))
  }

  @Test func `a call that is given back is given back to both`() {
    var calls = counted(7, in: 1)
    calls.turn(to: 2, ends: 150, at: 50)
    calls.count(ends: 150, at: 50)
    calls.giveBack()
    #expect(calls.shown.calls == 0 && calls.other?.calls == 7)
    calls.giveBack()
    #expect(calls.shown.calls == 0)
  }

  @Test func `an earlier month than both has the calls of the fuller one`() {
    var calls = MonthlyCalls(
      shown: .init(number: 5, calls: 3, ends: 500), other: .init(number: 6, calls: 7, ends: 600))
    calls.turn(to: 4, ends: 400, at: 350)
    #expect(calls.shown.calls == 7)
  }

  @Test func `the fullest month is the one the clock shows, unless the other has more`() {
    let shown = MonthlyCalls.Month(number: 2, calls: 5, ends: 200)
    let other = MonthlyCalls.Month(number: 1, calls: 2, ends: 100)
    #expect(MonthlyCalls(shown: shown, other: other).fullest(at: 50) == shown)
  }
}
