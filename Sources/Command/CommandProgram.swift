import CLinux
import Doctor
import Glibc
import Larkspur
import QueueAccess
import Terminal

/// `larkspur`: enqueues asks, and shows and repairs the queue. It needs no network and no secret.
package enum CommandProgram {
  package static func run() -> Never {
    StandardStreams.hold()
    do throws(Failure) {
      let words = try ProcessArguments.words()
      // Before the words are parsed: an address means another program, and that one parses them.
      if try SharedPlace.isMeant(by: words) {
        throw HandingOver(program: "larkspur-shared", words: words).becomeProgram()
      }
      let invocation = try Invocation(parsing: words)
      exit(try invocation.run().rawValue)
    } catch {
      Output.failure(error)
      exit(error.code.rawValue)
    }
  }
}

extension Invocation {
  func run() throws(Failure) -> ExitCode {
    // This comes before `setUpProcess`, because the program that replaces this one inherits the
    // signals it ignores.
    if case .handOver(let words) = action { throw words.becomeProgram() }
    setUpProcess()
    countNoMemory()
    if !global.isQuiet { showSchemaChanges() }
    switch action {
    case .help(let topic): Output.result(topic.text)
    case .version: Output.result(versionLine)
    case .enqueue(let order): return try order.run(global)
    case .enqueueFile(let order): return try order.run(global)
    case .status(isCheck: true): return try StatusCheck.run(global)
    case .status(isCheck: false): try Status.run(global)
    case .list(let order): try order.run(global)
    case .listKey(let order): try order.run(global)
    case .explain(let order): try order.run(global)
    case .plan(let order): try order.run(global)
    case .forecast: try Forecast.run(global)
    case .doctor(let arguments):
      // It reads secrets, to see that they can be read.
      larkspur_keep_memory_private()
      return try Examination.run(arguments)
    case .metrics(let order): try order.run(global)
    case .report(let order): try order.run(global)
    case .top: return try Top.run(global)
    case .retry(let which): return try Repair.retry(which, global)
    case .cancel(let lane): return try Repair.cancel(lane, global)
    case .resume(let account): try Repair.resume(account, global)
    case .prune(let age_ms): return try Repair.prune(olderThan_ms: age_ms, global)
    case .saw(let order): try order.run(global)
    case .sawFile(let order): return try order.run(global)
    case .forget(let order): return try order.run(global)
    case .create(let group): try Init.run(global, group: group)
    case .demo: return try Demo.run(global)
    case .man(let order): try order.run(global)
    case .completions(let shell): shell.run(global)
    case .completionValues(let names): names.run(global)
    case .handOver: break
    }
    return .done
  }
}
