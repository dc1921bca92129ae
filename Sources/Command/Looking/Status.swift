import Larkspur
import Planning
import QueueAccess
import Terminal

/// `status`: the worker, the queue and the accounts.
struct Status {
  let queue: String
  let worker: WorkerReport
  let figures: StatusFigures

  static func run(_ global: GlobalOptions) throws(Failure) {
    if global.wantsJSON { UTCText.useUTC() }
    let place = try global.queue()
    let inspector = try place.inspector()
    let figures = try withSentences { () throws(QueueError) in
      try StatusFigures(inspector, account: global.account)
    }
    if let account = global.account, figures.accounts.isEmpty,
      figures.newAsks + figures.delayedAsks + figures.expiredAsks == 0
    {
      throw try Repair.unknown(account: account, in: inspector)
    }
    let worker = WorkerReport(
      queue: place.path, asksWait: figures.oldestUnseen_ms, account: global.account)
    let status = Status(queue: place.path, worker: worker, figures: figures)
    Output.result(global.wantsJSON ? status.object.text : status.text)
  }

  private var text: String {
    let queue = [["queue", "\(printable(queue)), schema \(figures.schema)"]]
    return Table(queue + worker.lines + figures.lines(lastLook: worker.sinceLastLook)).text
  }

  private var object: JSONObject {
    JSONObject(
      [
        ("queue", .text(queue)), ("schema", .int(figures.schema)),
        ("worker", .of(worker.sight.owner)),
      ] + figures.counts + [
        ("heartbeat", .object(worker.object)), ("accounts", figures.listOfAccounts),
      ])
  }
}
