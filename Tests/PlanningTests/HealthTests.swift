import Planning
import Testing

struct HealthTests {
  private func lane(_ id: Int, strikes: Int = 0) -> ClaimedLane {
    ClaimedLane(id: id, wants: crowd(3), strikes: strikes)
  }

  private func losses(_ fates: [Fate], died: Set<Int> = []) -> Losses {
    Losses(
      Settlement(slot: nil, fates: fates), of: fates.indices.map { lane($0 + 1) }, died: died)
  }

  @Test func `a lane that dies counts, and one that goes on without somebody`() {
    var health = Health()
    let without = Fate.peopleRefused(crowd(1), strikes: 0, isCertain: true)
    health.lost(losses([.dead(), .delivered, without], died: [1]))
    #expect(health.deaths == 2)
  }

  /// When another user of the lane is reached, an ask for the suspected one dies.
  @Test func `a suspicion counts as the death that it may turn out to be, and once`() {
    var health = Health()
    health.lost(losses([.peopleRefused(crowd(1), strikes: 1, isCertain: false)]))
    #expect(health.deaths == 1)
    health.lost(losses([.peopleRefused(crowd(1), strikes: 2, isCertain: false)]))
    health.lost(losses([.dead()], died: [1]))
    #expect(health.deaths == 1)
    health.lost(losses([.dead()], died: [1]))
    #expect(health.deaths == 2)
  }

  @Test func `asks that die with a suspicion count each time`() {
    var health = Health()
    for strikes in 1...3 {
      let fate = Fate.peopleRefused(crowd(1), strikes: strikes, isCertain: false)
      health.lost(losses([fate], died: [1]))
    }
    #expect(health.deaths == 3)
  }

  @Test
  func `one lane at a time is tried where what is sent is refused, and not where the host fails`() {
    var health = Health()
    for call in 0..<20 {
      _ = health.failed(
        .refusal(lanes: [call, call + 1], isDocumented: false), started: Moment(call * 10),
        at: Moment(call * 10 + 5),
        dice: 0)
    }
    #expect(health.isRefusing)
    _ = health.failed(.host, started: 1_000, at: 1_005, dice: 0)
    #expect(!health.isRefusing)
  }

  @Test func `users who are certainly refused are a loss, and others a suspicion`() {
    let certain = Fate.peopleRefused(crowd(1), strikes: 0, isCertain: true)
    let suspected = Fate.peopleRefused(crowd(1), strikes: 1, isCertain: false)
    #expect(losses([certain, suspected]) == Losses(certain: [1], suspected: [2]))
  }
}
