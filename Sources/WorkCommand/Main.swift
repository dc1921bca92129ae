import Basics
import CLinux
import Delivery
import Glibc
import Larkspur
import Planning
import QueueAccess
import Terminal

/// `larkspur-work`, which `larkspur work` runs: the program that talks to Feishu.
@main struct Main {
  static func main() {
    // This is the only program that knows secrets.
    larkspur_keep_memory_private()
    setUpProcess()
    // Before anything that might start a thread, so that signals reach the loop and nothing else.
    let signals = StopSignals.ofWorker()
    do {
      switch try WorkArguments.parse(try ProcessArguments.words()) {
      case .help: Output.result(WorkArguments.help)
      case .version: Output.result("larkspur \(larkspurVersion)")
      case .work(let arguments):
        if !arguments.isQuiet { showSchemaChanges() }
        exit(try Work.run(arguments, signals).rawValue)
      }
    } catch {
      Output.sentence(error.sentence)
      exit(error.code.rawValue)
    }
  }
}
