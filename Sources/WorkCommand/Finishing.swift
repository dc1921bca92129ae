import Delivery
import Larkspur
import QueueAccess
import Terminal

/// The end of a run.
extension Work {
  /// Prints the final message of a run and returns its exit code. What a person has to fix comes
  /// first.
  static func finish(
    _ result: WorkResult, _ path: String, _ arguments: WorkArguments, _ narrator: Narrator
  ) -> ExitCode {
    narrator.sumUp(result.progress)
    if result.isQueueGone, let sentence = QueueNames.leadsNowhere(path) {
      Output.sentence(sentence)
      return .databaseNotUsable
    }
    if result.isQueueGone {
      Output.sentence(
        "queue \(path) was moved or removed while the worker ran; "
          + (result.isLogLost
            ? "its latest writes are still in its -wal file, so move that file with it"
            : "new asks go to another file, so restart the worker to deliver them"))
      return .databaseNotUsable
    }
    if arguments.wantsJSON { Output.result(summary(result)) }
    return arguments.mode.hasEnd ? leave(result, narrator) : .done
  }

  /// Says what the run leaves undone.
  private static func leave(_ result: WorkResult, _ narrator: Narrator) -> ExitCode {
    // Which secret, and why, was reported when it was noticed.
    if result.missingSecret != nil { return .noPermission }
    if let name = result.unknownAccount {
      Output.sentence(
        "account '\(printable(name))' has pending asks but is not configured; add it, or run "
          + "'larkspur cancel LANE --account \(printable(name))'")
      return .configuration
    }
    if let parked = result.parked.first {
      if !narrator.hasToldParking {
        Output.sentence(
          "account '\(parked.account)' is parked: \(printable(parked.why)). "
            + "\(parked.trouble.advice), then run 'larkspur resume \(parked.account)'")
      }
      return .noPermission
    }
    if let refused = result.refusedUserToken {
      Output.sentence(
        "account '\(refused.account)': \(printable(refused.why)); write a new token to its file, "
          + "or run 'larkspur resume \(refused.account)' to try this one again")
      return .noPermission
    }
    if let why = result.unreachable {
      Output.sentence(
        "\(printable(why)). What is due stays in the queue; check the network and the host, "
          + "then run this again")
      return .unreachable
    }
    if let why = result.leftBehind {
      Output.sentence("stopped with asks still due: \(printable(why))")
      return .timeIsUp
    }
    return result.asksDied > 0 ? .dead : .done
  }

  private static func summary(_ result: WorkResult) -> String {
    """
    {"calls":\(result.progress.calls),"lanes_done":\(result.progress.lanesDone),\
    "lanes_left":\(result.progress.lanesLeft),"asks_died":\(result.asksDied),\
    "asks_delayed":\(result.progress.asksDelayed)}
    """
  }
}
