/// Finds out what is wrong with lines of sightings, without writing anything.
package struct SightingChecker: ~Copyable {
  private let lines: SightingLines
  /// Has the schema's rules, and records nothing.
  private let queue: Connection
  private var keys = KeysOfTokens()

  package init(_ lines: consuming SightingLines) throws(QueueError) {
    queue = try Self.queue()
    self.lines = lines
  }

  private static func queue() throws(QueueError) -> Connection {
    let queue = try QueueFile.inMemory()
    do throws(StoreError) {
      try queue.checkSightingsOnly()
    } catch {
      throw QueueError(error, path: ":memory:")
    }
    return queue
  }

  /// What is wrong with the line if it is added to the sightings in `intake` and to those of the
  /// lines before; nil if nothing is.
  package mutating func refusal(of line: String, in intake: borrowing Intake) -> String? {
    refusal(of: line) { (sighting) throws(StoreError) in
      try intake.db.keys(of: sighting.token, sighting.account)
    }
  }

  /// The same if it is not known which keys a token has already.
  package mutating func refusal(of line: String) -> String? {
    refusal(of: line) { (_) throws(StoreError) in [] }
  }

  private mutating func refusal(
    of line: String, known: (Sighting) throws(StoreError) -> [String]
  ) -> String? {
    switch lines.read(line) {
    case .draft: return nil
    case .wrong(let problem): return problem
    case .sighting(let sighting):
      do throws(StoreError) {
        try queue.record(sighting)
        return try hasRoom(for: sighting, known) ? nil : Self.tooManyKeys
      } catch {
        return error.message
      }
    }
  }

  /// The schema's sentence. The queue in memory has no rows to say it.
  static let keysMost = KeysOfTokens.most
  static let tooManyKeys =
    "this preview token has 16 keys already, and a token can have no more; name only what the preview "
    + "shows"

  private mutating func hasRoom(
    for sighting: Sighting, _ known: (Sighting) throws(StoreError) -> [String]
  ) throws(StoreError) -> Bool {
    let token = KeysOfTokens.Token(sighting.account, sighting.token)
    if !keys.contain(token) {
      for key in try known(sighting) { keys.add(key, to: token) }
    }
    for key in sighting.keys { keys.add(key, to: token) }
    return keys.count(of: token) <= KeysOfTokens.most
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
  /// Leaves only the checks of the trigger that records a sighting: its first statement.
  fileprivate borrowing func checkSightingsOnly() throws(StoreError) {
    let trigger = try first("select sql from sqlite_schema where name = 'sighting_is_recorded'") {
      (row) throws(StoreError) in row.text(0)
    }
    guard let trigger, let end = trigger.firstRange(of: "\n  end;\n") else { return }
    try run(script: "drop trigger sighting_is_recorded; \(trigger[..<end.upperBound])end")
  }

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
