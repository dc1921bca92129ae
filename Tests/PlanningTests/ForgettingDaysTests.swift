import Planning
import Testing

/// Which day a pass takes for today, whatever the wall clock shows.
struct ForgettingDaysTests {
  private static let now = Moment(ms: .days(20_000))

  /// A pass each day by the queue's clock, with these days on the wall. Returns what each took for
  /// today.
  private func passes(
    _ days: inout ForgettingDays, walls: [Int], oldest: Int? = nil
  ) -> [Int] {
    var began = days.began
    return walls.map { wall in
      began = days.next(at: max(began, Self.now))
      let today = days.today(wall: wall)
      days.end(today: today, oldest: oldest, wall: wall, began: began)
      return today
    }
  }

  private func settled(on day: Int) -> ForgettingDays { ForgettingDays(last: day, began: Self.now) }

  @Test func `from day to day it is what the wall clock shows`() {
    var days = settled(on: 20_000)
    #expect(
      passes(&days, walls: [20_001, 20_002, 20_003], oldest: 19_990) == [20_001, 20_002, 20_003])
  }

  @Test func `a clock that is years ahead for a week makes it a week too late at most`() {
    var days = settled(on: 20_000)
    let ahead = passes(&days, walls: (1...7).map { 23_000 + $0 }, oldest: 19_990)
    #expect(ahead == (1...7).map { 20_000 + 2 * $0 })
    #expect(passes(&days, walls: [20_008, 20_009], oldest: 19_990) == [20_008, 20_009])
  }

  @Test func `after two months off it catches up by a day a day, and then keeps up`() {
    var days = settled(on: 20_000)
    let walls = (60..<125).map { 20_000 + $0 }
    let todays = passes(&days, walls: walls, oldest: 19_990)
    #expect(todays.first == 20_002)
    #expect(zip(todays, todays.dropFirst()).allSatisfy { 1...2 ~= $1 - $0 })
    #expect(todays.last == walls.last)
  }

  @Test func `a clock that was set back forgets less, and loses nothing when it is right again`() {
    var days = settled(on: 20_000)
    #expect(passes(&days, walls: [0, 10_000], oldest: 19_990) == [0, 10_000])
    #expect(passes(&days, walls: [20_003], oldest: 19_990) == [20_002])
  }

  @Test func `the first pass of a queue forgets nothing, and the next one counts from the oldest`()
  {
    var days = ForgettingDays(last: 0, began: .zero)
    #expect(passes(&days, walls: [20_000, 20_001], oldest: 19_950) == [2, 19_952])
  }

  @Test func `with nothing recorded the first pass takes the day for right`() {
    var days = ForgettingDays(last: 0, began: .zero)
    #expect(passes(&days, walls: [20_000, 20_001]) == [2, 20_001])
  }

  @Test func `a clock that stood at 1970 in the first pass holds back nobody`() {
    var days = ForgettingDays(last: 0, began: .zero)
    #expect(passes(&days, walls: [0]) == [0])
    #expect(passes(&days, walls: [20_000, 20_001], oldest: 19_999) == [2, 20_001])
  }

  @Test func `there is one pass a day, and one at once if the last was noted by another clock`() {
    let days = settled(on: 20_000)
    #expect(days.next(at: Self.now + .hours(5)) == Self.now + .days(1))
    #expect(days.next(at: Self.now - 1) == Self.now - 1)
  }

  @Test func `a sighting cannot be of a later day than a clock that keeps step shows`() {
    let days = settled(on: 20_000)
    #expect([20_000, 20_001, 20_002].map(days.newest) == [20_000, 20_001, 20_002])
    #expect(days.newest(wall: 19_999) == nil && days.newest(wall: 20_003) == nil)
  }
}
