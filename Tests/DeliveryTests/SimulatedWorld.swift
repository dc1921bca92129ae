import Chance
import Delivery
import Foundation
import Larkspur
import Planning

/// A scripted world: its clock jumps to whatever happens next, Feishu is a function, and people act
/// at planned moments. Nothing in it waits.
final class SimulatedWorld: World {
  /// Milliseconds since boot.
  var now = 1_000_000
  /// Wall clock - time since boot. Setting the clock changes this and nothing else.
  var wallOffset = 1_700_000_000_000
  var boot: String? = "boot-1"
  var dice: Dice
  var stopRequests = 0
  var reloadRequests = 0
  /// What Feishu does with a request that arrives now.
  var feishu: (Request, Int) -> Response
  var uplink_ms: ClosedRange<Int> = 1...1
  /// Everything that happens in the same millisecond is reported at once.
  var isCrowded = false

  struct Response {
    var latency_ms = 20
    var outcome: Outcome
  }

  private struct Happening {
    let at: Int
    let order: Int
    let action: () -> WorldEvent?
  }

  private var agenda: [Happening] = []
  private var order = 0
  private var steps = 0
  /// Called where a worker that is busy looks after its calls.
  var onProgress: () -> Void = {}
  /// How often the worker has gone to sleep.
  var waits = 0
  private let stepsMax: Int

  init(seed: UInt64 = 1, stepsMax: Int = 200_000, feishu: @escaping (Request, Int) -> Response) {
    dice = Dice(seed)
    self.feishu = feishu
    self.stepsMax = stepsMax
  }

  func clocks() -> ClockReading {
    ClockReading(wall_ms: now + wallOffset, sinceBoot_ms: now, boot: boot)
  }

  func random() -> UInt64 { dice.next() }

  /// Plans something that a person or another program does.
  func at(_ moment: Int, do action: @escaping () -> Void) {
    plan(moment) {
      action()
      return nil
    }
  }

  func after(_ span: Int, do action: @escaping () -> Void) { at(now + span, do: action) }

  private func plan(_ moment: Int, _ action: @escaping () -> WorldEvent?) {
    order += 1
    agenda.append(Happening(at: moment, order: order, action: action))
  }

  func progress() { onProgress() }

  func send(_ request: Request, tag: Int, earliest: BootMoment, latest: BootMoment) {
    let left = max(now, earliest.ms)
    if left > latest.ms - 10_000 {
      return plan(left) { .finished(tag: tag, .tooLate, at: BootMoment(ms: left)) }
    }
    let arrival = left + Int.random(in: uplink_ms, using: &dice)
    plan(left) { .sent(tag: tag, at: BootMoment(ms: left)) }
    plan(arrival) { [unowned self] in
      let response = feishu(request, arrival)
      if case .neverLeft = response.outcome {
        plan(arrival) { .finished(tag: tag, response.outcome, at: BootMoment(ms: arrival)) }
      } else {
        let answered = arrival + response.latency_ms
        plan(answered) { .finished(tag: tag, response.outcome, at: BootMoment(ms: answered)) }
      }
      return nil
    }
  }

  func forgetWrites() {}

  /// Jumps to what happens next. Events of one moment happen in the order in which they were
  /// planned.
  func wait(milliseconds: Int) -> [WorldEvent] {
    waits += 1
    var events = waitForOne(milliseconds: milliseconds)
    while isCrowded, agenda.contains(where: { $0.at <= now }) {
      events += waitForOne(milliseconds: 0)
    }
    return events
  }

  private func waitForOne(milliseconds: Int) -> [WorldEvent] {
    steps += 1
    precondition(steps < stepsMax, "the run never came to its end")
    let wake = now + milliseconds
    let next = agenda.indices.min {
      (agenda[$0].at, agenda[$0].order) < (agenda[$1].at, agenda[$1].order)
    }
    guard let next, agenda[next].at <= wake else {
      now = wake
      return []
    }
    let happening = agenda.remove(at: next)
    now = max(now, happening.at)
    return happening.action().map { [$0] } ?? []
  }
}
