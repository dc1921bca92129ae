/// Finds out what is wrong with lines of sightings, without writing anything.
package struct SightingChecker: ~Copyable {
  private let lines: SightingLines
  /// Has the schema's rules. What is written to it is thrown away.
  private let queue: Connection
  private var keys = KeysOfTokens()
  private var rows = 0
  private static let rowsMost = 500

  package init(_ lines: consuming SightingLines) throws(QueueError) {
    queue = try QueueFile.inMemory()
    self.lines = lines
  }

  /// What is wrong with the line if it is added to the sightings in `intake` and to those of the
  /// lines before; nil if nothing is.
  package mutating func refusal(of line: String, in intake: borrowing Intake) -> String? {
    switch lines.read(line) {
    case .draft: return nil
    case .wrong(let problem): return problem
    case .sighting(let sighting):
      do throws(StoreError) {
        try queue.record(sighting)
        try forgetRows(after: sighting.keys.count)
        return try hasRoom(for: sighting, in: intake) ? nil : Self.tooManyKeys
      } catch {
        return error.message
      }
    }
  }

  /// The schema's sentence. The queue in memory does not keep enough rows to say it.
  static let tooManyKeys =
    "this preview token has 16 keys already, and a token can have no more; name only what the preview "
    + "shows"

  private mutating func hasRoom(
    for sighting: Sighting, in intake: borrowing Intake
  ) throws(StoreError) -> Bool {
    let token = KeysOfTokens.Token(sighting.account, sighting.token)
    if !keys.contain(token) {
      for key in try intake.db.keys(of: sighting.token, sighting.account) {
        keys.add(key, to: token)
      }
    }
    for key in sighting.keys { keys.add(key, to: token) }
    return keys.count(of: token) <= KeysOfTokens.most
  }

  private mutating func forgetRows(after count: Int) throws(StoreError) {
    rows += count
    if rows < Self.rowsMost { return }
    try queue.execute("delete from viewer")
    try queue.execute("delete from tag")
    try queue.execute("delete from known_token")
    try queue.execute("delete from known_key")
    rows = 0
  }
}

/// How many keys each token has. Only hashes are kept: a file may have a million tokens.
private struct KeysOfTokens {
  static let most = 16

  struct Token: Hashable {
    let hash: Int

    init(_ account: String, _ name: String) {
      var hasher = Hasher()
      hasher.combine(account)
      hasher.combine(name)
      hash = hasher.finalize()
    }
  }

  private var pairs: Set<Int> = []
  private var counts: [Token: Int32] = [:]

  func contain(_ token: Token) -> Bool { counts[token] != nil }

  func count(of token: Token) -> Int { Int(counts[token] ?? 0) }

  mutating func add(_ key: String, to token: Token) {
    var hasher = Hasher()
    hasher.combine(token)
    hasher.combine(key)
    if pairs.insert(hasher.finalize()).inserted { counts[token, default: 0] += 1 }
  }
}

extension Connection {
  fileprivate borrowing func keys(
    of token: String, _ account: String
  ) throws(StoreError) -> [String] {
    try all(
      """
      select known_key.name from known_token
      join tag on token_id = known_token.id join known_key on known_key.id = key_id
      where known_token.account = ? and known_token.name = ?
      """, .text(account), .text(token)
    ) { (row) throws(StoreError) in row.text(0) }
  }
}
