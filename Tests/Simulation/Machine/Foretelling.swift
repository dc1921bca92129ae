import Chance
import Delivery
import Larkspur
import Planning

extension People {
  /// Somebody asks when some of the lanes that wait will go, as `larkspur explain` does.
  func foretell(lanes count: Int, _ reading: ClockReading) {
    guard let pending = try? pending(), !pending.isEmpty else { return }
    var dice = Dice(life.history.seed, 3_000_000 + life.now)
    for _ in 0..<min(count, pending.count) {
      let lane = dice.pick(pending)
      do {
        life.disk.opener = SimulatedProcess()
        let inspector = try Inspector(queue: path)
        let clocks = try inspector.clocks(reading)
        let all = try inspector.facts(of: lane.name, account: lane.account, clocks: clocks)
        guard let facts = all.first(where: { $0.kind.rawValue == lane.kind }) else { continue }
        let forecast = try Foresight.explain(facts, in: inspector, isRunning: true, reading)
        let span = forecast.goesAt.map { $0 - clocks.queue(reading.sinceBoot) }
        life.tell("  \(lane) is foretold to go in \(span.map(String.init) ?? "?") ms")
        life.judge.foretold(
          "\(lane.account) \(lane.kind) \(lane.name)", account: lane.account,
          at: forecast.isEstimate ? nil : span.map { life.now + $0 })
      } catch {
        life.judge.blame("P10", "nobody can say when \(lane) goes: \(error)", at: life.now)
      }
    }
  }
}
