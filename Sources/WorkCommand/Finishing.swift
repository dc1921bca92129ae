import Configuring
import Delivery
import Doctor
import Larkspur
import Planning
import QueueAccess
import Terminal

/// A run that has come to its end.
package struct FinishedRun {
  let result: WorkResult
  /// What its log may have lost.
  let loss: WorkerStore.LogLoss?
  let queue: String
  let accounts: [AccountSettings]

  package init(
    result: WorkResult, loss: WorkerStore.LogLoss?, queue: String, accounts: [AccountSettings]
  ) {
    self.result = result
    self.loss = loss
    self.queue = queue
    self.accounts = accounts
  }

  /// Says how the run ended and returns its exit code. What a person has to fix comes first.
  package func finish(_ arguments: WorkArguments, _ narrator: Narrator) -> ExitCode {
    narrator.sumUp(result.progress)
    if let failure = lossOfQueue {
      narrator.fail(failure)
      narrator.stopped(.failed, failure.code)
      return failure.code
    }
    if arguments.wantsJSON { Output.result(summary) }
    let reason = arguments.mode.hasEnd ? reasonLeft(narrator.parkedBy) : nil
    if let reason { narrator.fail(reason.failure, isTold: reason.isTold) }
    let code = reason?.failure.code ?? .done
    narrator.stopped(result.ending == .stopped ? .stopped : .ended, code)
    return code
  }

  private var lossOfQueue: Failure? {
    if let loss { return Self.failure(loss, queue: queue) }
    guard result.isQueueGone else { return nil }
    if let sentence = QueueNames.leadsNowhere(queue) {
      return Failure(.databaseNotUsable, sentence)
    }
    return Failure(
      .databaseNotUsable,
      "queue \(queue) was moved or removed while the worker ran; "
        + (result.isLogLost
          ? "its latest writes are still in its -wal file, so move that file with it"
          : "new asks go to another file, so restart the worker to deliver them"))
  }

  private static func failure(_ loss: WorkerStore.LogLoss, queue: String) -> Failure {
    let missing =
      loss.after.map { "Asks made after \(describeMoment(wall_ms: $0.ms)) may be missing" }
      ?? "Any of its asks may be missing"
    let since = loss.after == nil ? "" : " since then"
    let fix =
      "Check the queue: sqlite3 \(queue) 'pragma integrity_check'. If that prints ok, restart the "
      + "worker and enqueue again what has changed\(since). If not, save what can be read "
      + "(\(QueueError.rescue(of: queue))), move the queue away, and do the same "
      + "with a new one."
    return Failure(
      .databaseNotUsable,
      "the -wal or -shm file of queue \(queue) was removed while programs had it open, and they "
        + "may have written to different files since. \(missing). \(fix)", fix: fix)
  }

  private var summary: String {
    JSONObject([
      ("calls", .int(result.progress.calls)), ("lanes_done", .int(result.progress.lanesDone)),
      ("lanes_left", .int(result.progress.lanesLeft)), ("asks_died", .int(result.asksDied)),
      ("asks_delayed", .int(result.progress.asksDelayed)),
    ]).text
  }
}

/// What a run leaves undone.
extension FinishedRun {
  /// `isTold` if each of the problems was reported when it was noticed.
  typealias Reason = (failure: Failure, isTold: Bool)

  func reasonLeft(_ parkedBy: [String: AnswerFacts]) -> Reason? {
    if let why = result.missingSecret {
      let fix =
        why.hasPrefix(Stuck.ticket)
        ? "Feishu was asked for another one: give it to 'larkspur ticket', then run this again"
        : "make the secret readable, then run this again"
      return (Failure(.noPermission, "\(printable(why)); \(fix)", fix: fix), true)
    }
    if let name = result.unknownAccount { return (Self.unknown(printable(name)), false) }
    if let parked = result.parked.first {
      let answer = parkedBy[parked.account]
      return (failure(parked, answer), answer != nil)
    }
    if let refused = result.refusedUserToken {
      return (
        Failure(
          .noPermission,
          "account '\(refused.account)': \(printable(refused.why)); write a new token to its file, "
            + "or run 'larkspur resume \(refused.account)' to try this one again"), false
      )
    }
    if let why = result.unreachable {
      return (
        Failure(
          .unreachable,
          "\(printable(why)). What is due stays in the queue; check the network and the host, "
            + "then run this again"), false
      )
    }
    if let why = result.leftBehind {
      let sentence = "stopped with asks still due: \(printable(why))"
      return (Failure(.timeIsUp, sentence, fix: nil), false)
    }
    if result.asksDied == 0 { return nil }
    return (
      Failure(.dead, "\(counted(result.asksDied, "ask")) died; see 'larkspur list --state dead'"),
      true
    )
  }

  private static func unknown(_ account: String) -> Failure {
    Failure(
      .configuration,
      "account '\(account)' has pending asks but is not configured; add it, or run "
        + "'larkspur cancel LANE --account \(account)'")
  }

  private func failure(
    _ parked: (account: String, trouble: Trouble, isTenant: Bool, why: String),
    _ answer: AnswerFacts?
  ) -> Failure {
    let settings = accounts.first { $0.name == parked.account }
    let fix = printable(
      parked.trouble.fix(
        account: parked.account, isTenant: parked.isTenant,
        credentials: settings?.credentialsPlace.words))
    var failure = Failure(
      .noPermission, "account '\(parked.account)' is parked: \(printable(parked.why)). \(fix)",
      fix: fix)
    failure.consoleURL = settings.flatMap {
      Console.page(for: parked.trouble, host: $0.host, appID: $0.appID)
    }
    failure.logID = answer?.logID
    return failure
  }
}
