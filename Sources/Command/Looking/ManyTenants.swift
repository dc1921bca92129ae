import Planning
import Terminal

/// Tenants of one store app that are in the same state for the same reason. A few are listed; more share a line,
/// because a thousand lines would hide what is different.
struct ManyTenants {
  private static let listedMost = 5

  private struct Likeness: Hashable {
    let app: String
    let state: String
    let why: String?

    init?(_ account: StatusFigures.Account) {
      guard let app = account.app else { return nil }
      // Without the log id, which differs from answer to answer.
      let words = account.why?.firstRange(of: " (HTTP ").map { $0.lowerBound }
      let why = account.why.map { String($0[..<(words ?? $0.endIndex)]) }
      (self.app, state, self.why) = (app, account.state, why)
    }
  }

  private var groups: [(likeness: Likeness, accounts: [StatusFigures.Account])] = []
  private let held: Set<Likeness>

  init(_ accounts: [StatusFigures.Account]) {
    let all = Dictionary(grouping: accounts, by: Likeness.init)
    for (likeness, accounts) in all where accounts.count > Self.listedMost {
      if let likeness { groups.append((likeness, accounts)) }
    }
    groups.sort { ($0.likeness.app, $0.accounts[0].name) < ($1.likeness.app, $1.accounts[0].name) }
    held = Set(groups.map(\.likeness))
  }

  func hold(_ account: StatusFigures.Account) -> Bool {
    Likeness(account).map(held.contains) ?? false
  }

  var lines: [[String]] {
    groups.flatMap { likeness, accounts in
      let calls =
        "\(counted(accounts.reduce(0) { $0 + $1.callsLastMinute }, "call")) in the last minute, "
        + "\(grouped(accounts.reduce(0) { $0 + $1.callsThisMonth })) this month"
      let state =
        likeness.state == "unconfigured" ? "not in the worker's configuration" : likeness.state
      var lines = [
        [
          "account",
          "\(printable(likeness.app)).*: \(counted(accounts.count, "tenant")) \(state); \(calls)",
        ]
      ]
      if let why = likeness.why { lines.append(["", printable(why)]) }
      if likeness.state != "open" {
        lines.append([
          "", "for example \(printable(accounts[0].name)); all: larkspur status --json",
        ])
      }
      return lines
    }
  }
}
