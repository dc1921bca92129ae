import Larkspur
import Terminal

/// Commands on a shared queue. What they need of it is given to them: only `larkspur-shared` links its client.
package struct SharedCommands {
  private let address: String
  /// Stores the asks of a JSON list, all or none, and returns their numbers.
  private let store: (_ asks: String) throws(Failure) -> [Int]
  /// Makes the tables. Returns what a person has to do then; nil if they exist already.
  private let create: () throws(Failure) -> String?

  package init(
    address: String, store: @escaping (String) throws(Failure) -> [Int],
    create: @escaping () throws(Failure) -> String?
  ) {
    self.address = address
    self.store = store
    self.create = create
  }

  package func run(_ words: [String]) throws(Failure) -> ExitCode {
    let invocation = try Invocation(parsing: SharedPlace.withoutAddress(words))
    switch invocation.action {
    case .enqueue(let order): return try order.run(invocation.global, on: store)
    case .create(nil):
      let advice = try create()
      invocation.global.say(
        advice == nil ? "shared queue \(address) exists already" : "created shared queue \(address)"
      )
      if let advice { Output.result(advice) }
      return .done
    case .create:
      throw Failure(.usage, "--group is for a queue that is a file; on PostgreSQL, grant a role")
    default:
      throw Failure(
        .usage,
        "this command is not made for a shared queue yet; look with psql, where the views are the same: "
          + "psql '\(address)' -c 'select * from larkspur.queue'")
    }
  }
}
