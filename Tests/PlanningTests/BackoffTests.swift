import Planning
import Testing

struct BackoffTests {
  @Test func `waits double up to the longest, between nothing and the full wait`() {
    let backoff = Backoff(first: 1_000, longest: 10_000)
    let longest = (1...6).map { backoff.wait(afterFailures: $0, dice: .max) }
    #expect(longest == [1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
    #expect(backoff.wait(afterFailures: 3, dice: 0) == 0)
    #expect(backoff.wait(afterFailures: 3, dice: .max / 2) == 2_000)
    #expect(backoff.wait(afterFailures: 1_000_000, dice: .max) == 10_000)
  }
}
