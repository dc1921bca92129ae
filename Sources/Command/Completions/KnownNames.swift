import Larkspur
import QueueAccess
import Terminal

/// `completions values WHAT [PREFIX]`: names in the queue, one a line, for the completion scripts.
/// The queue is only read. Without one, or if it cannot be read, nothing is printed, because the
/// user is in the middle of a command line.
struct KnownNames: Equatable {
  enum What: String, CaseIterable {
    /// Lanes that something is pending for.
    case lanes
    case dead
    /// Lanes that something is pending or dead for.
    case held
    case tokens, cards, sessions, keys, urls, accounts
  }

  let what: What
  let prefix: String

  private static let mostNames = 200
  private static let patience_ms = 500

  func run(_ global: GlobalOptions) {
    guard let place = try? global.queue(),
      (try? QueueFile.check(place.path, creating: false)) != nil,
      let names = try? names(in: place.path, account: global.account)
    else { return }
    // A name with a line break would look like two.
    let lines = names.filter { $0 == printable($0) }
    if !lines.isEmpty { Output.result(lines.joined(separator: "\n")) }
  }

  private func names(in queue: String, account: String?) throws(StoreError) -> [String] {
    let values: [Value] = [.text(prefix), .of(account), .int(Self.mostNames)]
    let found = try QueueReader.look(at: queue) { (reader) throws(StoreError) in
      try reader.rows(sql, values, within: Self.patience_ms)
    }
    return found.rows.compactMap { row in
      if case .text(let name)? = row.first { name } else { nil }
    }
  }
}
