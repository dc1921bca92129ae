import Planning
import Sharing
import Testing

/// When a dead run's call can have reached Feishu.
struct InheritedCallTests {
  private let now = BootMoment(ms: 50_000)

  private func arrival(claimed: UInt64, answered: UInt64?) throws -> Span {
    var looks = Looks(memory: .seconds(20))
    looks.note(try #require(Snapshot("10:10:")), received: BootMoment(ms: 40_000))
    looks.note(try #require(Snapshot("20:20:")), received: BootMoment(ms: 44_000))
    let call = InheritedCall(
      claimed: TransactionID(claimed), answered: answered.map { TransactionID($0) })
    return call.latestArrival(
      looks, toBegin: .seconds(1), timeout: .seconds(10), drift: 20, now: now
    ).ms
  }

  @Test func `an answered call had arrived before its answer was written`() throws {
    #expect(try arrival(claimed: 3, answered: 15) == 44_000)
    #expect(try arrival(claimed: 15, answered: 33) == 50_000)
  }

  @Test func `one without an answer may still be under way until its timeout`() throws {
    #expect(try arrival(claimed: 15, answered: nil) == 44_000 + 11_020)
    #expect(try arrival(claimed: 33, answered: nil) == 50_000 + 11_020)
  }

  @Test func `long after its claim it is over`() throws {
    #expect(try arrival(claimed: 3, answered: nil) == 40_000 + 11_020)
  }
}
