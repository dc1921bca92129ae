import Planning
import Sharing
import Testing

/// When something was committed at the latest, on this machine's clock.
struct LooksTests {
  private func looks(_ list: [(ms: Int, snapshot: String)], memory: Span = .seconds(20)) throws
    -> Looks
  {
    var looks = Looks(memory: memory)
    for (ms, text) in list {
      looks.note(try #require(Snapshot(text)), received: BootMoment(ms: ms))
    }
    return looks
  }

  private func latest(_ looks: Looks, _ number: UInt64, now: Int = 99_000) -> Int {
    looks.latestCommit(of: TransactionID(number), now: BootMoment(ms: now)).ms
  }

  @Test func `the first look that shows it says when`() throws {
    let looks = try looks([(1_000, "10:10:"), (1_400, "10:14:12"), (1_800, "16:16:")])
    #expect(latest(looks, 11) == 1_400)
    #expect(latest(looks, 12) == 1_800)
    #expect(latest(looks, 15) == 1_800)
  }

  @Test func `what no look has shown yet may be of now`() throws {
    #expect(latest(try looks([(1_000, "10:10:")]), 10) == 99_000)
    #expect(latest(Looks(memory: .seconds(20)), 3) == 99_000)
  }

  @Test func `what the first look shows is no later than that look`() throws {
    #expect(latest(try looks([(1_000, "10:10:"), (1_400, "20:20:")]), 5) == 1_000)
  }

  @Test func `what is older than the memory stays old enough`() throws {
    let many = (0...100).map { (ms: $0 * 400, snapshot: "\(100 + $0):\(100 + $0):") }
    let looks = try looks(many, memory: .seconds(16))
    // Shown first at 4 s, which is forgotten by 40 s.
    #expect(latest(looks, 109) <= 24_000)
    #expect(latest(looks, 170) == 28_400)
  }
}
