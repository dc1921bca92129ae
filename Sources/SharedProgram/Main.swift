import Basics
import CLinux
import Command
import Glibc
import Larkspur
import PostgreSQL
import Terminal
import Transport
import WorkCommand

/// `larkspur-shared`, which `larkspur` runs for a queue whose address is `postgresql://…`. It alone links libpq.
@main struct Main {
  static func main() {
    // This program keeps secrets for as long as it runs.
    larkspur_keep_memory_private()
    setUpProcess()
    var isWork = false
    do throws(Failure) {
      let words = try ProcessArguments.words()
      guard let place = try SharedPlace.address(in: words) else {
        if words == ["--help"] { return Output.result(SharedHelp.text) }
        if words == ["--version"] { return Output.result("larkspur \(larkspurBuild)") }
        throw Failure(.usage, "larkspur-shared is run by larkspur, for a queue at postgresql://…")
      }
      let address = try ServerAddress.checked(place)
      if let words = SharedPlace.wordsOfWork(in: words) {
        isWork = true
        exit(try work(words, address).rawValue)
      }
      exit(try CommandsOnServer.on(address).run(words).rawValue)
    } catch {
      if isWork { EarlyFailure.tell(error) } else { Output.failure(error) }
      exit(error.code.rawValue)
    }
  }

  private static func work(
    _ words: [String], _ address: ServerAddress
  ) throws(Failure) -> ExitCode {
    let service = ServiceReport.ofEnvironment()
    // Before anything that might start a thread, so that signals reach the loop and nothing else.
    let signals = StopSignals.ofWorker()
    switch try WorkArguments.parse(words) {
    case .help: Output.result(WorkArguments.help)
    case .version: Output.result("larkspur \(larkspurBuild)")
    case .check:
      throw Failure(
        .usage, "--check uses no queue; leave the address out: larkspur work --check")
    case .work(let arguments): return SharedWork.run(arguments, address, signals, service)
    }
    return .done
  }
}

extension ServerAddress {
  fileprivate static func checked(_ place: String) throws(Failure) -> ServerAddress {
    do throws(Flaw) {
      return try ServerAddress(place)
    } catch {
      switch error {
      case .hasPassword:
        let fix = "put it into ~/.pgpass, a service file or PGPASSWORD"
        throw Failure(
          .usage,
          "the address of the queue has a password in it, which other users can read; \(fix)",
          fix: fix)
      case .malformed(let why):
        throw Failure(.usage, "the address of the queue cannot be read: \(printable(why))")
      }
    }
  }
}
