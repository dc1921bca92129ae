import Planning
import Sharing
import Testing

/// Which runs are no longer at work.
struct WatchingTests {
  private let run = RunID(7)

  /// The moments, in milliseconds, at which the run was taken for gone. A look each 400 ms.
  private func gone(
    beats: [Int], took: (Int) -> Span = { _ in 1 }, every: Span = 400,
    isAsleep: (Int) -> Bool = { _ in false }, isAskedFor: (Int) -> Bool = { _ in false },
    isSessionLost: (Int) -> Bool = { _ in false }
  ) -> [Int] {
    var watching = Watching()
    return beats.indices.filter { look in
      let peer = Watching.Peer(
        run, beat: beats[look], isAsleep: isAsleep(look), isAskedFor: isAskedFor(look),
        isSessionLost: isSessionLost(look))
      return !watching.gone(
        after: [peer], received: BootMoment(ms: look * every), took: took(look)
      ).isEmpty
    }.map { $0 * every }
  }

  @Test func `a run whose beat stands still in three looks is gone`() {
    #expect(gone(beats: [1, 2, 3, 3, 3, 3, 3]).first == 2_000)
  }

  @Test func `a run that beats is there`() {
    #expect(gone(beats: [1, 2, 2, 3, 3, 3, 4, 4, 4, 5]) == [])
  }

  @Test func `a beat begins the count again`() {
    #expect(gone(beats: [1, 1, 1, 2, 2, 2]) == [])
  }

  @Test func `looks that follow each other closely count once`() {
    #expect(gone(beats: Array(repeating: 1, count: 13), every: 100).first == 1_200)
  }

  @Test func `while the server is slow nobody is declared gone`() {
    #expect(gone(beats: Array(repeating: 1, count: 10), took: { _ in 900 }) == [])
    // As soon as it is quick again, a run that lives has time to beat.
    #expect(gone(beats: [1, 1, 1, 1, 1, 2, 3], took: { $0 < 4 ? 900 : 1 }) == [])
  }

  @Test func `a run that sleeps need not beat until something is asked for`() {
    #expect(gone(beats: Array(repeating: 1, count: 10), isAsleep: { _ in true }) == [])
    let asked = gone(
      beats: Array(repeating: 1, count: 10), isAsleep: { _ in true }, isAskedFor: { $0 >= 4 })
    #expect(asked.first == 2_400)
  }

  @Test func `a run that wakes when it is asked is there`() {
    let asked = gone(
      beats: [1, 1, 1, 1, 1, 2, 2, 2], isAsleep: { $0 < 5 || $0 > 5 }, isAskedFor: { $0 == 4 })
    #expect(asked == [])
  }

  @Test func `a run whose session has ended is gone at the next look`() {
    #expect(gone(beats: [1, 2, 3, 3, 3], isSessionLost: { $0 >= 2 }).first == 1_200)
    // Also one that sleeps.
    let asleep = gone(
      beats: [1, 1, 1, 1], isAsleep: { _ in true }, isSessionLost: { $0 >= 1 })
    #expect(asleep.first == 800)
  }

  @Test func `a run that may be gone is a reason to look again soon`() {
    var watching = Watching()
    let peer = { (beat: Int, isLost: Bool) in
      Watching.Peer(run, beat: beat, isAsleep: true, isSessionLost: isLost)
    }
    _ = watching.gone(after: [peer(1, false)], received: 0, took: 1)
    _ = watching.gone(after: [peer(1, false)], received: 2_000, took: 1)
    #expect(!watching.hasDoubts)
    _ = watching.gone(after: [peer(1, true)], received: 4_000, took: 1)
    #expect(watching.hasDoubts)
    _ = watching.gone(after: [peer(2, false)], received: 6_000, took: 1)
    #expect(!watching.hasDoubts)
  }

  @Test func `a run that opens another session is there`() {
    #expect(gone(beats: [1, 2, 3, 3, 3, 4], isSessionLost: { $0 == 2 }) == [])
    #expect(gone(beats: [1, 2, 3, 4, 5], isSessionLost: { $0 == 2 || $0 == 3 }) == [])
    #expect(gone(beats: [1, 2, 3, 3, 3], every: 100, isSessionLost: { $0 >= 2 }) == [])
  }

  @Test func `each run is judged by itself, and one that left is forgotten`() {
    var watching = Watching()
    var gone: [RunID] = []
    for look in 0..<6 {
      var peers = [Watching.Peer(RunID(1), beat: look), Watching.Peer(RunID(2), beat: 5)]
      // Declared gone by somebody else, and then another run with a number of its own.
      if look < 2 { peers.append(Watching.Peer(RunID(3), beat: 9)) }
      gone = watching.gone(after: peers, received: BootMoment(ms: look * 400), took: 2)
    }
    #expect(gone == [RunID(2)])
  }
}
