import Glibc
import Larkspur

/// One ask after the other, each in its own transaction, as fast as possible.
enum FlatOut {
  struct Result {
    var milliseconds: [Double] = []

    func percentile(_ share: Int) -> Double {
      milliseconds.isEmpty ? 0 : milliseconds[(milliseconds.count - 1) * share / 100]
    }
  }

  static func run(queue path: String, seconds: Double) throws -> Result {
    let intake = try Intake(queue: path)
    let end_ns = now_ns() + Int(seconds * 1e9)
    var result = Result()
    while true {
      let began_ns = now_ns()
      if began_ns >= end_ns { break }
      _ = try intake.add(CollectionOfOne(ask))
      result.milliseconds.append(Double(now_ns() - began_ns) / 1e6)
    }
    result.milliseconds.sort()
    return result
  }

  /// A single ask, for the tape.
  static func one(queue path: String) throws {
    let intake = try Intake(queue: path)
    Connections.tape?.startClock()
    _ = try intake.add(CollectionOfOne(ask))
    Connections.tape?.stopClock()
  }

  private static let ask = Ask.preview(
    "preview_token_of_a_link_in_a_chat_00000001",
    for: .people(["ou_00000000000000000000000000000001"]))
}
