import Planning
import Testing

struct PreviewsByDayTests {
  private func counted(_ days: Int...) -> PreviewsByDay {
    days.reduce(into: PreviewsByDay()) { $0.add(day: $1) }
  }

  /// Which of previews last seen on these days go, in the order of their ids.
  private func gone(_ days: [Int], limit: Int) -> [Int] {
    let all = days.reduce(into: PreviewsByDay()) { $0.add(day: $1) }
    guard var surplus = all.surplus(beyond: limit) else { return [] }
    return days.indices.filter { surplus.takes(lastSeen: days[$0]) }
  }

  @Test func `as many as are allowed all stay`() {
    #expect(counted(1, 2, 3).surplus(beyond: 3) == nil)
    #expect(counted().surplus(beyond: 0) == nil)
  }

  @Test func `those seen least recently go first`() {
    #expect(gone([5, 3, 4, 2], limit: 2) == [1, 3])
  }

  @Test func `of one day, those recorded first go first`() {
    #expect(gone([7, 7, 7, 7], limit: 3) == [0])
    #expect(gone([7, 6, 7, 6, 7], limit: 2) == [0, 1, 3])
  }

  @Test func `one that is seen again between the count and the choice stays`() {
    var surplus = counted(1, 1, 1).surplus(beyond: 1)
    #expect(surplus?.takes(lastSeen: 2) == false)
    #expect(surplus?.takes(lastSeen: 1) == true)
    #expect(surplus?.takes(lastSeen: 1) == true)
    #expect(surplus?.takes(lastSeen: 1) == false)
  }

  @Test func `days begin at midnight, UTC`() {
    #expect(WallMoment(ms: 0).day == 0 && WallMoment(ms: 86_399_999).day == 0)
    #expect(WallMoment(ms: 86_400_000).day == 1 && WallMoment(ms: -1).day == -1)
    #expect(
      WallMoment(ms: .days(3)).day == 3
        && WallMoment(ms: .days(3) - 1).day == 2)
  }
}
