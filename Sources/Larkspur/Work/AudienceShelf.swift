import Planning

/// Sets of people by number, each stored once in the database; the ones used lately also in memory.
struct AudienceShelf {
  private var byID: [Int: Audience] = [:]
  private var byAudience: [Key: Int] = [:]
  private var people = 0

  private struct Key: Hashable {
    let account: Int
    let audience: Audience
  }

  /// About 64 bytes each: some 10 MB at the most.
  private static let peopleMax = 150_000

  subscript(_ id: Int) -> Audience? { byID[id] }

  func id(of audience: Audience, account: Int) -> Int? {
    byAudience[Key(account: account, audience: audience)]
  }

  mutating func keep(_ audience: Audience, account: Int, id: Int) {
    if people > Self.peopleMax { self = AudienceShelf() }
    // An entry costs something of its own, however few people it holds.
    people += (audience.count ?? 0) + 4
    byID[id] = audience
    byAudience[Key(account: account, audience: audience)] = id
  }
}

extension WorkerStore {
  /// The people behind a number.
  func audience(_ id: Int) throws(SQLiteError) -> Audience {
    if let known = audiences[id] { return known }
    let row = try db.first("select account_id, members from audience where id = ?", .int(id)) {
      (row) throws(SQLiteError) in (account: row.int(0), members: row.optionalText(1))
    }
    guard let row else { preconditionFailure("audience \(id) is wanted but not stored") }
    let audience =
      try row.members.map { (members) throws(SQLiteError) in
        Audience.people(try people(in: members))
      } ?? .everyone
    audiences.keep(audience, account: row.account, id: id)
    return audience
  }

  /// The number of a set of people, storing it if nobody has wanted it before.
  func number(of audience: Audience, account: Int, at now: Moment) throws(SQLiteError) -> Int {
    precondition(!audience.isEmpty, "nobody is no audience")
    if let known = audiences.id(of: audience, account: account) { return known }
    var members: String?
    if case .people(let people) = audience { members = JSONText.list(people) }
    let hash = Self.hash(members ?? "")
    // Touched once a day at the most: what is pruned has been untouched for longer.
    try db.execute(
      """
      update audience set used_ms = ?4
      where account_id = ?1 and hash = ?2 and members is ?3 and used_ms < ?4 - 86400000
      """, .int(account), .int(hash), .of(members), .int(now))
    let found = try db.first(
      "select id from audience where account_id = ? and hash = ? and members is ?",
      .int(account), .int(hash), .of(members)
    ) { (row) throws(SQLiteError) in row.int(0) }
    let id: Int
    if let found {
      id = found
    } else {
      try db.execute(
        "insert into audience (account_id, hash, size, members, used_ms) values (?, ?, ?, ?, ?)",
        .int(account), .int(hash), .of(audience.count), .of(members), .int(now))
      id = db.lastInsertID
    }
    audiences.keep(audience, account: account, id: id)
    return id
  }

  /// The open_ids in a JSON list, sorted and without repeats.
  func people(in list: String) throws(SQLiteError) -> [String] {
    try db.all("select distinct value from json_each(?) order by value", .text(list)) {
      (row) throws(SQLiteError) in row.text(0)
    }
  }

  /// FNV-1a, 64 bits: the same in every run, which Swift's own hashes are not. Equal hashes are told
  /// apart by the members themselves.
  private static func hash(_ text: String) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    return Int(bitPattern: UInt(hash))
  }
}
