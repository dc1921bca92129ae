import Larkspur

/// What programs do with previews that were seen, and with asks by key and URL.
extension Backend {
  /// Records all sightings in one transaction.
  func record(_ sightings: [SeenPreview], isPlain: Bool) throws {
    if !isPlain {
      return try intake.saw(
        sightings.map {
          Sighting($0.token, keys: $0.keys, url: $0.url, openID: $0.person, account: $0.account)
        })
    }
    try intake.db.transaction { () throws(StoreError) in
      for sighting in sightings { try insert(sighting) }
    }
  }

  /// Records sightings, and rolls the transaction back.
  func changeItsMind(_ sightings: [SeenPreview]) throws {
    try intake.db.execute("begin immediate")
    for sighting in sightings { try insert(sighting) }
    try intake.db.execute("rollback")
  }

  private func insert(_ sighting: SeenPreview) throws(StoreError) {
    for key in sighting.keys {
      try intake.db.execute(
        "insert into sighting (token, key, url, open_id, account) values (?, ?, ?, ?, ?)",
        .text(sighting.token), .text(key), .of(sighting.url), .of(sighting.person),
        .text(sighting.account))
    }
  }

  /// Deletes the rows of all asks by this key or URL.
  func delete(_ name: String) throws {
    try intake.db.execute(
      "delete from ask where kind in ('key', 'url') and lane = ?", .text(name))
  }
}

extension Eye {
  /// Asks by key and URL.
  func shown() throws -> [Judge.ShownRow] {
    try db.all(
      """
      select id, lane_id is not null, outcome, ifnull(reason, ''), (
        select group_concat(value, ' ') from json_each(refused))
      from ask where kind in ('key', 'url') order by id
      """
    ) { row in
      Judge.ShownRow(
        id: row.int(0), isTaken: row.bool(1), end: row.optionalText(2).flatMap(AskRecord.End.init),
        reason: row.text(3), listed: row.text(4).split(separator: " ").map(String.init))
    }
  }

  /// How many rows are parts of asks by key or URL.
  func parts() throws -> Int {
    try db.first("select count(*) from ask where id < 0") { $0.int(0) } ?? 0
  }
}

extension Wish.Reach {
  var reach: Ask.Reach { self == .everyone ? .everyone : .viewers }
}

extension Oblivion {
  var parts: (what: Inspector.Forgotten, account: String?) {
    switch self {
    case .preview(let account, let token): (.token(token), account)
    case .key(let account, let name): (.key(name), account)
    case .viewer(let person): (.viewer(openID: person), nil)
    }
  }
}
