import Larkspur
import Testing

/// How many lanes are left, for a person who watches.
struct ProgressTests {
  @Test func `lanes that are counted again during their call are left`() throws {
    let bench = try Bench()
    // The access token takes as long as a call, so the first call is under way from 3 s to 6 s.
    bench.feishu.latency_ms = 3_000
    bench.ask("a", "ou_1")
    // Each change that a person makes asks for a new count.
    bench.world.after(4_500) {
      do { _ = try Inspector(queue: bench.path).resume(account: "default") } catch {
        Issue.record("\(error)")
      }
    }
    // The simulated world does not report writes. An ask that becomes due wakes the loop.
    bench.ask("b", "ou_2", after: 4_600)
    let progress = try bench.run().progress
    #expect(progress.lanesDone == 2)
    #expect(progress.lanesLeft == 0)
  }
}
