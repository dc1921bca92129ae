import Planning

/// Decides which runs are no longer at work, by their beats alone. The decision may be wrong, for example about a
/// run whose network is slow for a while: it then loses its accounts and begins another run, and no promise is
/// broken. So the only thing that counts is to be right mostly, and quickly.
package struct Watching: Sendable {
  /// A run as a look shows it.
  package struct Peer: Equatable, Sendable {
    package let run: RunID
    /// How many turns and looks of the run have been committed.
    package let beat: Int
    /// It has nothing to do and looks rarely until it is woken.
    package let isAsleep: Bool
    /// Something that was asked for waits for it.
    package let isAskedFor: Bool

    package init(_ run: RunID, beat: Int, isAsleep: Bool = false, isAskedFor: Bool = false) {
      self.run = run
      self.beat = beat
      self.isAsleep = isAsleep
      self.isAskedFor = isAskedFor
    }
  }

  private struct Stillness: Sendable {
    let beat: Int
    var looks = 0
    var counted: BootMoment
  }

  /// Looks that follow each other more closely count once. A run at work beats more often than this.
  package static let interval: Span = 400
  /// How many looks have to find a beat unchanged.
  package static let looksNeeded = 3
  /// A reply that took longer says nothing about others: the server or the network was slow, for them as well.
  package static let slow: Span = 200

  private var still: [RunID: Stillness] = [:]

  package init() {}

  /// Returns the runs that are gone as far as can be told, after a look that was received at a moment.
  package mutating func gone(
    after peers: [Peer], received moment: BootMoment, took: Span
  ) -> [RunID] {
    let present = Set(peers.map(\.run))
    still = still.filter { present.contains($0.key) }
    var gone: [RunID] = []
    for peer in peers {
      guard var stillness = still[peer.run], stillness.beat == peer.beat else {
        still[peer.run] = Stillness(beat: peer.beat, counted: moment)
        continue
      }
      // A run that sleeps has no reason to beat until something is asked for.
      if peer.isAsleep && !peer.isAskedFor {
        stillness.looks = 0
        stillness.counted = moment
      } else if took <= Self.slow && moment - stillness.counted >= Self.interval {
        stillness.looks += 1
        stillness.counted = moment
      }
      still[peer.run] = stillness
      if stillness.looks >= Self.looksNeeded { gone.append(peer.run) }
    }
    return gone.sorted()
  }
}
