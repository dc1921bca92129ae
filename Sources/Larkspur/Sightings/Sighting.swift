/// A preview that a user's client has requested: what it shows, and where it is.
package struct Sighting: Equatable, Sendable {
  package var token: String
  /// What it shows, as the backend calls it.
  package var keys: [String]
  package var url: String?
  package var chat: String?
  /// The user whose client has requested it.
  package var openID: String?
  package var account: String

  package init(
    _ token: String, keys: [String], url: String? = nil, chat: String? = nil,
    openID: String? = nil, account: String = "default"
  ) {
    self.token = token
    self.keys = keys
    self.url = url
    self.chat = chat
    self.openID = openID
    self.account = account
  }
}

extension Intake {
  /// Records sightings, all or none.
  package borrowing func saw(_ sightings: some Collection<Sighting>) throws(QueueError) {
    try perform { () throws(StoreError) in
      try db.transaction { () throws(StoreError) in
        for sighting in sightings { try db.record(sighting) }
      }
    }
  }
}

extension Connection {
  /// The schema checks what is inserted, so that every way in has the same checks.
  borrowing func record(_ sighting: Sighting) throws(StoreError) {
    // Without a key, the schema says what is missing.
    let keys: [String?] = sighting.keys.isEmpty ? [nil] : sighting.keys
    for key in keys {
      try execute(
        """
        insert into sighting (token, key, url, chat, open_id, account) values (?, ?, ?, ?, ?, ?)
        """, .text(sighting.token), .of(key), .of(sighting.url), .of(sighting.chat),
        .of(sighting.openID), .text(sighting.account))
    }
  }
}
