import Basics
import Delivery
import Doctor
import Planning
import Terminal
import Transport

/// `larkspur doctor --online`, which `larkspur` hands over because it links no network.
enum Doctoring {
  static func run(_ words: [String]) throws(Failure) -> ExitCode {
    switch try DoctorArguments.parse(words) {
    case .help: Output.result(DoctorArguments.help)
    case .version: Output.result("larkspur \(larkspurBuild)")
    case .examine(let arguments):
      return try Examination.run(arguments, network: arguments.isOnline ? network() : nil)
    }
    return .done
  }

  private static func network() -> Network {
    let probe = Probe()
    return Network(
      library: Probe.library,
      connect: { host, trust, limit in reach(probe.connect(to: host, trust, within: limit)) },
      send: { request, limit in probe.send(request, within: limit) })
  }

  private static func reach(_ connection: Probe.Connection) -> Reach {
    switch connection {
    case .made(let lookup_ms, let connect_ms, let secure_ms, let address):
      .connected(lookup: lookup_ms, connect: connect_ms, secure: secure_ms, address: address)
    case .failed(let step, let why):
      .failed(at: Reach.Step(rawValue: step.rawValue) ?? .other, why: why)
    }
  }
}
