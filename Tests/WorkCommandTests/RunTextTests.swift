import Delivery
import Planning
import Terminal
import Testing

@testable import WorkCommand

struct RunTextTests {
  private func progress(
    done: Int, left: Int, delayed: Int = 0, next: Int? = nil, rate: Double = 0
  ) -> WorkProgress {
    var progress = WorkProgress()
    (progress.lanesDone, progress.lanesLeft, progress.asksDelayed) = (done, left, delayed)
    (progress.nextDelayed, progress.callsPerSecond, progress.calls) = (next, rate, 6)
    return progress
  }

  @Test func `progress says what is still waited for`() {
    #expect(
      RunText.progress(progress(done: 20, left: 40, rate: 5), elapsed_ms: 10_000)
        == "20 done, 40 left, 5.0 calls/s, about 20 s to go")
    #expect(
      RunText.progress(progress(done: 60, left: 0, delayed: 1, next: 590_000), elapsed_ms: 10_000)
        == "60 done, 1 delayed, next in 9 min 50 s")
    #expect(
      RunText.progress(
        progress(done: 30, left: 30, delayed: 2, next: 1_500, rate: 4), elapsed_ms: 10_000)
        == "30 done, 30 left, 2 delayed, 4.0 calls/s, about 10 s to go")
    #expect(
      RunText.summary(progress(done: 60, left: 0, delayed: 1), elapsed_ms: 2_000)
        == "60 done with 6 calls in 2.0 s, 1 delayed")
  }

  private let now = WallMoment(ms: 1_795_937_896_200)

  private func standing(
    _ awaited: Awaited, left: Int? = nil, isQueueUsable: Bool = true
  ) -> String {
    var state = progress(done: 1_200, left: 0)
    (state.awaited, state.left) = (awaited, left)
    return RunText.standing(state, isQueueUsable: isQueueUsable, at: now)
  }

  @Test func `a worker that stays says what it waits for and until when`() {
    #expect(standing(.asks) == "running until Ctrl-C: waiting for asks; 1,200 done")
    #expect(
      standing(.answers(2), left: 54_000)
        == "running for 54 s more: waiting for 2 answers; 1,200 done")
    #expect(
      standing(.person(nextTry: nil))
        == "running until Ctrl-C: waiting for you, see 'larkspur status'; 1,200 done")
    let probe = describeMoment(wall_ms: now.ms + 3_900)
    #expect(
      standing(.person(nextTry: 3_900))
        == "running until Ctrl-C: waiting for you, see 'larkspur status', tries again at "
        + "\(probe.suffix(8)); 1,200 done")
    #expect(
      standing(.asks, isQueueUsable: false)
        == "running until Ctrl-C: waiting for the queue; 1,200 done")
  }

  @Test func `a service manager reads what stays true until the next look`() {
    func status(_ awaited: Awaited, left: Int = 0, _ phase: WorkPhase = .working) -> String {
      var state = progress(done: 1_200, left: left, rate: 5)
      state.awaited = awaited
      return RunText.status(phase, state, at: now)
    }
    #expect(status(.asks) == "waiting for asks; 1,200 done")
    #expect(status(.answers(1), left: 3) == "waiting for 1 answer; 1,200 done, 3 left")
    let soon = describeMoment(wall_ms: now.ms + 3_900).suffix(8)
    #expect(status(.moment(in: 3_900)) == "waiting until \(soon); 1,200 done")
    #expect(status(.asks, .standingBy) == "waiting for the queue; 1,200 done")
    #expect(status(.asks, .starting) == "waiting for the queue; 1,200 done")
    #expect(status(.answers(1), left: 1, .stopping) == "stopping; 1,200 done, 1 left")
  }

  @Test func `a moment of today is named without its date, and another with it`() {
    let soon = describeMoment(wall_ms: now.ms + 3_900)
    #expect(
      standing(.moment(in: 3_900))
        == "running until Ctrl-C: waiting until \(soon.suffix(8)), 3.9 s more; 1,200 done")
    let later = describeMoment(wall_ms: now.ms + 172_800_000)
    #expect(
      standing(.moment(in: 172_800_000))
        == "running until Ctrl-C: waiting until \(later), 2 d more; 1,200 done")
  }

  @Test func `what is left, delayed and how fast it goes comes last`() {
    var state = progress(done: 3, left: 4, delayed: 1, next: nil, rate: 4.5)
    state.awaited = .answers(1)
    #expect(
      RunText.standing(state, isQueueUsable: true, at: now)
        == "running until Ctrl-C: waiting for 1 answer; 3 done, 4 left, 1 delayed, 4.5 calls/s")
  }

  @Test func `of many accounts the start names three`() {
    let run = RunStart(
      version: "1.0", pid: 7, queue: "/q.db", mode: WorkMode(goal: .untilEmpty, limit: 55_000),
      accounts: ["a", "b", "c", "d", "e"])
    #expect(
      RunText.sentence(run)
        == "started larkspur 1.0, process 7, for accounts a, b, c and 2 more on queue /q.db; "
        + "runs until nothing is left, starts no calls after 55 s")
  }

  @Test func `a run that is about to begin says how long it lasts`() {
    let state = progress(done: 0, left: 0)
    #expect(
      RunText.standing(state, limit: 8_000, isQueueUsable: true, at: now)
        == "running for 8.0 s more: waiting for asks; 0 done")
  }

  @Test func `a run that got no further than access tokens says how often it asked for one`() {
    var state = progress(done: 0, left: 2)
    (state.calls, state.tokenCalls) = (0, 6)
    #expect(
      RunText.summary(state, elapsed_ms: 2_000)
        == "0 done with 0 calls (and 6 for access tokens) in 2.0 s, 2 left")
    state.calls = 1
    #expect(RunText.summary(state, elapsed_ms: 2_000) == "0 done with 1 call in 2.0 s, 2 left")
  }
}
