import Planning

/// One life of one worker process on a shared queue. A number is never used again.
package struct RunID: Hashable, Comparable, Sendable {
  package let number: Int

  package init(_ number: Int) { self.number = number }

  package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// Which run works which account. Every run works it out by itself from the same live runs, so nobody has to be
/// asked, and a run that joins or leaves moves only the accounts that it gets or had.
package struct Roster: Equatable, Sendable {
  package private(set) var runs: [RunID]

  package init(_ runs: some Sequence<RunID>) {
    self.runs = Set(runs).sorted()
  }

  /// The run to which the account belongs; nil if no run is alive.
  package func worker(of account: String) -> RunID? {
    runs.max { Self.weight(of: $0, for: account) < Self.weight(of: $1, for: account) }
  }

  /// Rendezvous hashing: the account goes to the run with the largest weight for it.
  private static func weight(of run: RunID, for account: String) -> UInt64 {
    mixed(StableHash.of("\(account)\u{0}\(run.number)".utf8))
  }

  /// FNV leaves the last byte mostly in the low bits, so runs with neighbouring numbers would share badly. These
  /// are the steps with which SplitMix64 ends.
  private static func mixed(_ hash: UInt64) -> UInt64 {
    var value = hash
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}
