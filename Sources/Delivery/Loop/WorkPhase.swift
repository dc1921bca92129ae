/// What the loop is doing, for a service manager.
package enum WorkPhase: Equatable, Sendable {
  /// It has not been able to read the queue yet.
  case starting
  case working
  /// Accounts that the configuration has changed are still to be taken over.
  case reloading
  /// The queue cannot be used for now.
  case standingBy
  /// A person has asked for the end, and calls are still in flight.
  case stopping
}

extension Worker {
  /// After a look that found the queue usable.
  var phase: WorkPhase {
    if world.stopRequests > 0 { return .stopping }
    return state.changes.isEmpty ? .working : .reloading
  }

  var phaseWithoutQueue: WorkPhase {
    if world.stopRequests > 0 { return .stopping }
    return isStarted ? .standingBy : .starting
  }
}
