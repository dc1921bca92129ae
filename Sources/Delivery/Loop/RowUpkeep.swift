import Larkspur
import Planning

/// Repairs rows that somebody has changed by hand and that the worker cannot work with.
extension Worker {
  /// Checks all lanes after an error that comes from damaged rows. False for any other error.
  /// Throws if earlier repairs have not helped, which ends the run.
  func repairRows(after error: StoreError) throws(StoreError) -> Bool {
    guard error.isOfDamagedRows else { return false }
    guard repairs[error.message, default: 0] < Self.repairsOfOne, repairs.count < Self.repairsOfAny
    else {
      throw .damagedRow(error.message)
    }
    repairs[error.message, default: 0] += 1
    store.forgetRows()
    let now = isStarted ? now() : try store.lastMoment()
    try store.transaction { () throws(StoreError) in
      _ = try store.repairNumbers()
      try store.forgetChangedEveryone()
    }
    var areAccountsSound = false
    while !areAccountsSound {
      areAccountsSound = try store.transaction { () throws(StoreError) in
        try store.repairAccounts(at: now)
      }
    }
    var search = LaneSearch(isThorough: true)
    var isDone = false
    while !isDone {
      // Others get to write between two slices.
      isDone = try store.transaction { () throws(StoreError) in
        try store.repairLanes(&search, underWay: Set(calls.keys), at: now)
      }
      world.progress()
    }
    noteStrays()
    // Everything that was read from rows before has to be read again.
    state.seenVersion = nil
    state.seenControl = -1
    return true
  }

  /// Without a turn that succeeds in between. Rows may be changed again at any moment, so only the same trouble says
  /// that a repair does not help.
  private static let repairsOfOne = 3
  /// Different troubles. A trigger that somebody has added may spoil each row that a repair writes.
  private static let repairsOfAny = 50
}
