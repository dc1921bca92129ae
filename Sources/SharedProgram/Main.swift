import Basics
import CLinux
import Glibc
import Larkspur
import Terminal
import Transport
import WorkCommand

/// `larkspur-shared`, which `larkspur` runs for a queue whose address is `postgresql://…`. It alone links libpq.
@main struct Main {
  static func main() {
    // This program keeps secrets for as long as it runs.
    larkspur_keep_memory_private()
    setUpProcess()
    do throws(Failure) {
      let words = try ProcessArguments.words()
      guard words.first == "work" else {
        throw Failure(.usage, "larkspur-shared is run by larkspur; see 'larkspur help'")
      }
      exit(try work(Array(words.dropFirst())).rawValue)
    } catch {
      EarlyFailure.tell(error)
      exit(error.code.rawValue)
    }
  }

  private static func work(_ words: [String]) throws(Failure) -> ExitCode {
    let service = ServiceReport.ofEnvironment()
    // Before anything that might start a thread, so that signals reach the loop and nothing else.
    let signals = StopSignals.ofWorker()
    switch try WorkArguments.parse(words) {
    case .help: Output.result(WorkArguments.help)
    case .version: Output.result("larkspur \(larkspurBuild)")
    case .check:
      throw Failure(
        .usage, "--check uses no queue; leave the address out: larkspur work --check")
    case .work(let arguments): return SharedWork.run(arguments, signals, service)
    }
    return .done
  }
}
