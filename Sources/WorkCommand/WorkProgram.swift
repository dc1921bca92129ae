import Basics
import CLinux
import Delivery
import Glibc
import Larkspur
import Planning
import QueueAccess
import Terminal

/// `larkspur-work`, which `larkspur work` runs: the program that talks to Feishu.
package enum WorkProgram {
  package static func run() -> Never {
    // This program keeps secrets for as long as it runs.
    larkspur_keep_memory_private()
    setUpProcess()
    countNoMemory()
    do {
      let words = try ProcessArguments.words()
      // It is run by `larkspur doctor --online`, and a signal ends it at once.
      if words.first == "doctor" { exit(try Doctoring.run(Array(words.dropFirst())).rawValue) }
      // It is run by `larkspur ticket`.
      if words.first == "ticket" { exit(try Ticket.run(Array(words.dropFirst())).rawValue) }
      exit(try run(words).rawValue)
    } catch {
      EarlyFailure.tell(error)
      exit(error.code.rawValue)
    }
  }

  private static func run(_ words: [String]) throws(Failure) -> ExitCode {
    let service = ServiceReport.ofEnvironment()
    // Before anything that might start a thread, so that signals reach the loop and nothing else.
    let signals = StopSignals.ofWorker()
    switch try WorkArguments.parse(words) {
    case .help: Output.result(WorkArguments.help)
    case .version: Output.result("larkspur \(larkspurBuild)")
    case .check(let arguments): return try WorkCheck.run(arguments)
    case .work(let arguments):
      if !arguments.isQuiet { showSchemaChanges() }
      return Work.run(arguments, signals, service)
    }
    return .done
  }
}
