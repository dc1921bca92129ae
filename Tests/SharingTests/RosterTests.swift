import Sharing
import Testing

/// Which run works which account.
struct RosterTests {
  private let accounts = (0..<3_000).map { "acme.tenant\($0)" }

  private func shares(_ roster: Roster) -> [RunID: Int] {
    accounts.reduce(into: [:]) { $0[roster.worker(of: $1) ?? RunID(-1), default: 0] += 1 }
  }

  @Test func `without a run an account belongs to nobody`() {
    #expect(Roster([]).worker(of: "default") == nil)
  }

  @Test func `every run comes to the same result, whatever order it learned of the others in`() {
    let one = Roster([RunID(9), RunID(10), RunID(11)])
    let other = Roster([RunID(11), RunID(9), RunID(10), RunID(9)])
    #expect(one == other)
    for account in accounts { #expect(one.worker(of: account) == other.worker(of: account)) }
  }

  @Test(arguments: [2, 3, 8])
  func `runs with neighbouring numbers get equal shares`(count: Int) {
    let shares = shares(Roster((41..<41 + count).map { RunID($0) }))
    let fair = Double(accounts.count) / Double(count)
    #expect(shares.count == count)
    for share in shares.values { #expect(abs(Double(share) - fair) < fair * 0.2, "\(shares)") }
  }

  @Test func `a run that joins takes accounts, and none moves between the others`() {
    let before = Roster([RunID(1), RunID(2), RunID(3)])
    let after = Roster([RunID(1), RunID(2), RunID(3), RunID(4)])
    var moved = 0
    for account in accounts where before.worker(of: account) != after.worker(of: account) {
      #expect(after.worker(of: account) == RunID(4))
      moved += 1
    }
    #expect(moved > 0)
  }

  @Test func `when a run is gone, only its accounts move, and not all to one`() {
    let before = Roster([RunID(1), RunID(2), RunID(3)])
    let after = Roster([RunID(1), RunID(3)])
    var heirs: Set<RunID> = []
    for account in accounts {
      guard before.worker(of: account) == RunID(2) else {
        #expect(before.worker(of: account) == after.worker(of: account))
        continue
      }
      heirs.insert(after.worker(of: account) ?? RunID(-1))
    }
    #expect(heirs == [RunID(1), RunID(3)])
  }
}
