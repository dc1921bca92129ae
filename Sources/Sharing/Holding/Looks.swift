import Planning

/// What was committed by when, on this machine's own clock.
///
/// An heir has to know how long ago a dead run's calls were made, and no clock of another machine says so reliably.
/// But what a look shows was committed before the look was received. So each event is dated by the first look that
/// shows it: never too early, and late by no more than the time between two looks.
package struct Looks: Sendable {
  private struct Look: Sendable {
    let moment: BootMoment
    let snapshot: Snapshot
  }

  /// In the order of their moments. What one of them shows, all later ones show.
  private var looks: [Look] = []
  /// How far back events have to be dated; looks before that are dropped.
  private let memory: Span

  package init(memory: Span) { self.memory = memory }

  /// Records what was visible in a reply that was received at a moment.
  package mutating func note(_ snapshot: Snapshot, received moment: BootMoment) {
    looks.append(Look(moment: moment, snapshot: snapshot))
    // One look that is older than the memory is kept, for what it shows is old enough in any case.
    while looks.count > 1, looks[1].moment <= moment - memory { looks.removeFirst() }
  }

  /// What was visible in the oldest look that is kept; nil before the first one.
  package var oldest: Snapshot? { looks.first?.snapshot }

  /// From when on it is known what was committed when.
  package var began: BootMoment? { looks.first?.moment }

  package var newest: Snapshot? { looks.last?.snapshot }

  /// Whether what was committed before `moment` can be told from what was committed later.
  package func reach(backTo moment: BootMoment) -> Bool {
    looks.first.map { $0.moment <= moment } ?? false
  }

  /// The latest moment at which the transaction can have committed: that of the first look that shows it. If none
  /// does, that is now.
  package func latestCommit(of transaction: TransactionID, now: BootMoment) -> BootMoment {
    var (low, high) = (0, looks.count)
    while low < high {
      let middle = (low + high) / 2
      if looks[middle].snapshot.sees(transaction) { high = middle } else { low = middle + 1 }
    }
    return low < looks.count ? looks[low].moment : now
  }
}
