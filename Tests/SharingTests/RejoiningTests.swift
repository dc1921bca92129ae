import Planning
import Sharing
import Testing

/// When a process that has lost its run begins another one.
struct RejoiningTests {
  /// How long it waits after each of some runs that last this long.
  private func waits(runs: Int, lasting span: Span) -> [Span] {
    var rejoining = Rejoining()
    var now = BootMoment(ms: 1_000)
    return (0..<runs).map { _ in
      rejoining.joined(at: now)
      now += span
      rejoining.lost(at: now)
      let wait = rejoining.from - now
      now = rejoining.from
      return wait
    }
  }

  @Test func `after the first loss it begins at once`() {
    #expect(waits(runs: 1, lasting: 100) == [0])
  }

  @Test func `runs that are lost soon wait longer each time, and half a minute at most`() {
    #expect(
      waits(runs: 8, lasting: 100) == [0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  }

  @Test func `a run that has lasted is no reason to wait`() {
    #expect(waits(runs: 3, lasting: .minutes(2)) == [0, 0, 0])
  }

  @Test func `only later runs are told as a recovery`() {
    var rejoining = Rejoining()
    #expect(!rejoining.isAgain)
    rejoining.lost(at: BootMoment(ms: 5))
    #expect(rejoining.isAgain)
  }
}
