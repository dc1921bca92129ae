import Larkspur
import Planning

/// When the queue is not as it should be: locked, full, moved, or without the files beside it.
extension Worker {
  /// Whether the run can go on with the queue: it is where it was, and so are the files beside it, or
  /// they have been replaced without loss. Calls under way are still what they were then.
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
      // Another connection counts the commits of others from its own beginning.
      state.seenVersion = nil
      world.watchAgain()
    case .replaced: return false
    }
    return true
  }

  /// The queue cannot be written: locked by somebody, or the disk is full. What has been answered is
  /// kept in memory, and nothing new is sent, until it can be.
  func standBy(_ error: StoreError) throws(StoreError) {
    guard error.isTransient else { throw error }
    noteStoreFailure(error)
    let span = min(1_000, 50 * storeFailures)
    beat(nextIn: span)
    if isStopping && storeFailures >= RetryPolicy.lastTriesToWrite { throw error }
    // A run that has an end does not wait for one that may never come.
    if mode.goal != .stay && storeFailures >= RetryPolicy.triesToWrite { throw error }
    take(world.wait(milliseconds: span))
  }

  private func noteStoreFailure(_ error: StoreError) {
    storeFailures += 1
    let why = QueueError(error, path: store.path).description
    beats.storeTrouble = why
    if storeFailures == 1 { report(.storeFailed(why)) }
  }
}
