import Larkspur
import Planning

/// Handles a queue that cannot be used for now: locked, moved, on a full disk, or without the files
/// beside it.
extension Worker {
  /// Whether the run can go on with the queue: it and the files beside it are where they were, or
  /// the files have been replaced without loss. Calls under way are not affected.
  func findsItsFiles() throws(StoreError) -> Bool {
    if !store.isInPlace {
      state.result.isQueueGone = true
      state.result.isLogLost = try !store.copyLogAfterMove()
      return false
    }
    switch try store.repairLog() {
    case .inPlace: break
    case .repaired:
      if storeFailures == 0 { noteStoreFailure(.filesRemoved) }
      // A new connection counts the commits of others from its own start.
      state.seenVersion = nil
      world.watchAgain()
    case .replaced: return false
    }
    return true
  }

  /// The queue cannot be written, because somebody has locked it or the disk is full. Until it can
  /// be, answers are kept in memory and nothing new is sent.
  func standBy(_ error: StoreError) throws(StoreError) {
    guard error.isTransient else { throw error }
    noteStoreFailure(error)
    let span = min(1_000, 50 * storeFailures)
    beat(nextIn: span)
    if isStopping && storeFailures >= RetryPolicy.lastTriesToWrite { throw error }
    // `--once` and `--until-empty` give up after some tries; the queue may never be writable again.
    if mode.goal != .stay && storeFailures >= RetryPolicy.triesToWrite { throw error }
    let longestNap = onLook?(phaseWithoutQueue) ?? .max
    take(world.wait(milliseconds: min(span, longestNap)))
  }

  private func noteStoreFailure(_ error: StoreError) {
    storeFailures += 1
    let why = QueueError(error, path: store.path).description
    beats.storeTrouble = why
    if storeFailures == 1 { report(.storeFailed(why)) }
  }
}
