import Planning
import Testing

struct CalendarTests {
  // date -u -d '…' +%s
  @Test(arguments: [
    (1_795_213_800_000, 1_796_054_400_000),  // 2026-11-20T21:50Z → 2026-11-30T16:00Z
    (1_796_054_399_999, 1_796_054_400_000),  // the last moment of November in Beijing
    (1_796_054_400_000, 1_798_732_800_000),  // the first of December → 2026-12-31T16:00Z
    (1_709_136_000_000, 1_709_222_400_000),  // 29 February 2024 → 1 March
    (1_709_222_400_000, 1_709_222_400_000 + 31 * 86_400_000),  // 1 March 2024 → 1 April
    (0, 2_649_600_000),
  ])
  func `a month ends at midnight in Beijing`(wall: Int, next: Int) {
    let (wall, next) = (WallMoment(wall), WallMoment(next))
    #expect(nextQuotaMonth(after: wall) == next)
    #expect(quotaMonth(of: next) == quotaMonth(of: wall) + 1)
    #expect(quotaMonth(of: next - 1) == quotaMonth(of: wall))
  }
}
