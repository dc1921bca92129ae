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
    /// The server knows of no session of it any more.
    package let isSessionLost: Bool

    package init(
      _ run: RunID, beat: Int, isAsleep: Bool = false, isAskedFor: Bool = false,
      isSessionLost: Bool = false
    ) {
      self.run = run
      self.beat = beat
      self.isAsleep = isAsleep
      self.isAskedFor = isAskedFor
      self.isSessionLost = isSessionLost
    }
  }

  private struct Stillness: Sendable {
    let beat: Int
    var looks = 0
    var counted: BootMoment
    /// Since when its session has been lost, without a beat.
    var lostSince: BootMoment?
  }

  /// Looks that follow each other more closely count once. A run at work beats more often than this.
  package static let interval: Span = 400
  /// How many looks have to find a beat unchanged.
  package static let looksNeeded = 3
  /// A run whose session broke opens another one, and beats, within less.
  package static let reopening: Span = 300
  /// A reply that took longer says nothing about others: the server or the network was slow, for them as well.
  package static let slow: Span = 200

  private var still: [RunID: Stillness] = [:]

  package init() {}

  /// Whether a run may be gone, so that the next look should not be long in coming.
  package var hasDoubts: Bool {
    still.values.contains { $0.looks > 0 || $0.lostSince != nil }
  }

  /// Returns the runs that are gone as far as can be told, after a look that was received at a moment.
  package mutating func gone(
    after peers: [Peer], received moment: BootMoment, took: Span
  ) -> [RunID] {
    let present = Set(peers.map(\.run))
    still = still.filter { present.contains($0.key) }
    var gone: [RunID] = []
    for peer in peers {
      guard var stillness = still[peer.run], stillness.beat == peer.beat else {
        still[peer.run] = Stillness(
          beat: peer.beat, counted: moment, lostSince: peer.isSessionLost ? moment : nil)
        continue
      }
      stillness.lostSince = peer.isSessionLost ? stillness.lostSince ?? moment : nil
      // A run that sleeps has no reason to beat until something is asked for.
      if peer.isAsleep && !peer.isAskedFor {
        stillness.looks = 0
        stillness.counted = moment
      } else if took <= Self.slow && moment - stillness.counted >= Self.interval {
        stillness.looks += 1
        stillness.counted = moment
      }
      still[peer.run] = stillness
      let isLost = stillness.lostSince.map { moment - $0 >= Self.reopening } ?? false
      if isLost || stillness.looks >= Self.looksNeeded { gone.append(peer.run) }
    }
    return gone.sorted()
  }
}
