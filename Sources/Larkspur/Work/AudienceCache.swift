import Planning

/// The audiences used lately, by their number in the database, where each is stored once.
struct AudienceCache {
  /// An entry that is used again moves from the old half to the new one. When the new half is full,
  /// only the old half is dropped: dropping all at once would make one call read hundreds of
  /// audiences.
  private var new = Half()
  private var old = Half()
  /// Users get numbers, so that audiences can be compared quickly.
  private var names = PeopleNumbers(room: namedMax * 2)
  private var numbered: [Int: NumberedAudience] = [:]
  private var named = 0

  private struct Half {
    var byID: [Int: Entry] = [:]
    var byAudience: [Key: Int] = [:]
    var people = 0
  }

  private struct Entry {
    let audience: Audience
    let account: Int
  }

  private struct Key: Hashable {
    let account: Int
    let audience: Audience

    /// Hashes only some of the users. Hashing hundreds of names takes longer than comparing two
    /// audiences that turn out to differ.
    func hash(into hasher: inout Hasher) {
      hasher.combine(account)
      guard case .people(let people) = audience else { return }
      hasher.combine(people.count)
      for place in stride(from: 0, to: people.count, by: people.count / 8 + 1) {
        hasher.combine(people[place])
      }
    }
  }

  /// Users in each half. At about 64 bytes each, both halves take some 10 MB at most.
  private static let peopleMax = 75_000
  /// Users in all numbered audiences: some 5 MB more at most.
  private static let namedMax = 50_000

  subscript(_ id: Int) -> Audience? {
    mutating get {
      if let entry = new.byID[id] { return entry.audience }
      guard let entry = old.byID[id] else { return nil }
      keep(entry.audience, account: entry.account, id: id)
      return entry.audience
    }
  }

  /// Reads an entry without moving it to the new half.
  func glance(at id: Int) -> Audience? { (new.byID[id] ?? old.byID[id])?.audience }

  mutating func id(of audience: Audience, account: Int) -> Int? {
    let key = Key(account: account, audience: audience)
    if let id = new.byAudience[key] { return id }
    guard let id = old.byAudience[key] else { return nil }
    keep(audience, account: account, id: id)
    return id
  }

  mutating func keep(_ audience: Audience, account: Int, id: Int) {
    if new.people > Self.peopleMax {
      old = new
      new = Half()
    }
    // An entry has a cost of its own, however few users it holds.
    new.people += (audience.count ?? 0) + 4
    new.byID[id] = Entry(audience: audience, account: account)
    new.byAudience[Key(account: account, audience: audience)] = id
  }

  /// How many users have numbers. All numbers are below this.
  var namesInUse: Int { names.count }

  /// Called before audiences are numbered for a call. Numbers stay the same until the next time.
  mutating func beginNumbering() {
    guard max(named, names.count) > Self.namedMax else { return }
    names.forget()
    numbered.removeAll(keepingCapacity: true)
    named = 0
  }

  mutating func numbered(_ audience: Audience, id: Int? = nil) -> NumberedAudience {
    if let known = id.flatMap({ numbered[$0] }) { return known }
    let new = names.number(audience)
    if let id {
      numbered[id] = new
      named += (audience.count ?? 0) + 8
    }
    return new
  }
}

extension WorkerStore {
  /// The audience with this number, which comes from a lane or a call.
  func audience(_ id: Int) throws(StoreError) -> Audience {
    if let known = audiences[id] { return known }
    guard let read = try readAudience(id) else {
      throw .damagedRow("audience \(id) is missing or was changed")
    }
    audiences.keep(read.audience, account: read.account, id: id)
    return read.audience
  }

  /// The audience with this number, which comes from an ask's row and may be anything. It is read
  /// once for thousands of asks and not cached, because it would push out what calls need.
  func storedAudience(_ id: Int) throws(StoreError) -> Audience? {
    if let known = audiences.glance(at: id) { return known }
    return try readAudience(id)?.audience
  }

  /// Nil if its row is missing or was changed.
  private func readAudience(_ id: Int) throws(StoreError) -> (audience: Audience, account: Int)? {
    let row = try db.first(
      "select account_id, members, hash from audience where id = ?", .int(id)
    ) { (row) throws(StoreError) in
      (account: row.int(0), members: row.optionalText(1), hash: row.int(2))
    }
    guard let row, row.hash == Self.hash(row.members ?? "") else { return nil }
    guard let members = row.members else { return (.everyone, row.account) }
    guard let people = try people(in: members), !people.isEmpty else { return nil }
    return (.people(people), row.account)
  }

  /// An account has only one row for `everyone`, so a changed one must go before it can be stored
  /// again.
  package func forgetChangedEveryone() throws(StoreError) {
    try db.execute(
      "delete from audience where size is null and hash <> ?", .int(Self.hash("")))
  }

  /// The audience with this number, its users numbered for comparing.
  func numbered(_ id: Int) throws(StoreError) -> NumberedAudience {
    audiences.numbered(try audience(id), id: id)
  }

  /// The number of an audience, which is stored if it is new.
  func number(of audience: Audience, account: Int, at now: Moment) throws(StoreError) -> Int {
    if audience.isEmpty { throw .damagedRow("an audience is empty") }
    // During a search for unused audiences, one that is cached here may be about to be deleted.
    if !isLookingForUnused, let known = audiences.id(of: audience, account: account) {
      return known
    }
    var members: String?
    if case .people(let people) = audience { members = JSONText.list(people) }
    let hash = Self.hash(members ?? "")
    // Marked as used at most once a day: pruning takes only what was unused for longer.
    try db.execute(
      """
      update audience set used_ms = ?4
      where account_id = ?1 and hash = ?2 and members is ?3 and used_ms < ?4 - 86400000
      """, .int(account), .int(hash), .of(members), .of(now))
    let found = try db.first(
      "select id from audience where account_id = ? and hash = ? and members is ?",
      .int(account), .int(hash), .of(members)
    ) { (row) throws(StoreError) in row.int(0) }
    let id: Int
    if let found {
      id = found
    } else {
      try db.execute(
        "insert into audience (account_id, hash, size, members, used_ms) values (?, ?, ?, ?, ?)",
        .int(account), .int(hash), .of(audience.count), .of(members), .of(now))
      id = db.lastInsertID
    }
    audiences.keep(audience, account: account, id: id)
    return id
  }

  /// The open_ids in a JSON list, sorted and without repeats; nil when it is not a list of strings.
  func people(in list: String) throws(StoreError) -> [String]? {
    // Nearly always the list is sorted and written as Larkspur writes it.
    if let people = JSONText.plainStrings(in: list),
      zip(people, people.dropFirst()).allSatisfy({ $0 < $1 })
    {
      return people
    }
    var areStrings = true
    let people = try db.all(
      """
      select distinct value, type from json_each(iif(json_valid(?1), ?1, '{"":0}')) order by value
      """, .text(list)
    ) { (row) throws(StoreError) in
      if row.text(1) != "text" { areStrings = false }
      return row.text(0)
    }
    return areStrings ? people : nil
  }

  /// Collisions do no harm, because the members are compared as well.
  private static func hash(_ text: String) -> Int {
    Int(bitPattern: UInt(StableHash.of(text.utf8)))
  }
}
