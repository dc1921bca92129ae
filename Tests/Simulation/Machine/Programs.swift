import Larkspur

/// A program that asks.
final class Backend {
  let process: SimulatedProcess
  let intake: Intake

  init(_ path: String, _ process: SimulatedProcess, on disk: SimulatedDisk) throws {
    self.process = process
    disk.opener = process
    intake = try Intake(queue: path)
  }

  /// Adds all asks in one transaction and returns their ids.
  func add(_ wishes: [Wish], isPlain: Bool) throws -> [Int] {
    if !isPlain { return try intake.add(wishes.map(\.ask)) }
    var ids: [Int] = []
    try intake.db.transaction { () throws(StoreError) in
      for wish in wishes {
        try insert(wish)
        ids.append(intake.db.lastInsertID)
      }
    }
    return ids
  }

  /// Asks, and rolls the transaction back.
  func changeItsMind(_ wishes: [Wish]) throws {
    try intake.db.execute("begin immediate")
    for wish in wishes { try insert(wish) }
    try intake.db.execute("rollback")
  }

  private func insert(_ wish: Wish) throws(StoreError) {
    try intake.db.execute(
      """
      insert into ask (account, kind, lane, body, after_ms, expires_in_ms, urgent)
      values (?, ?, ?, ?, ?, ?, ?)
      """, .text(wish.account), .text(wish.kind.rawValue), .text(wish.lane), .text(wish.body),
      .int(wish.after), .of(wish.expiresIn), .of(wish.isUrgent))
  }
}

extension Wish {
  fileprivate var ask: Ask {
    let hold = Duration.milliseconds(after)
    let life = expiresIn.map { Duration.milliseconds($0) }
    switch what {
    case .preview(let token, let people):
      return .preview(
        token, for: people.map { .people($0) } ?? .everyone, account: account, after: hold,
        expiresIn: life, isUrgent: isUrgent)
    case .card(let card, _, let uuid, let sequence):
      return .card(
        card, actions: actions, uuid: uuid, sequence: sequence, account: account, after: hold,
        expiresIn: life, isUrgent: isUrgent)
    case .session(let session, let fields):
      return .session(
        session, channelContext: fields["channel_context"], metadata: fields["metadata"],
        account: account, after: hold, expiresIn: life, isUrgent: isUrgent)
    case .shown(.url, let url, let reach):
      return .url(
        url, for: reach.reach, account: account, after: hold, expiresIn: life, isUrgent: isUrgent)
    case .shown(_, let key, let reach):
      return .key(
        key, for: reach.reach, account: account, after: hold, expiresIn: life, isUrgent: isUrgent)
    }
  }

  fileprivate var body: String {
    switch what {
    case .preview(_, nil): #"{"everyone":true}"#
    case .preview(_, let people?): #"{"open_ids":[\#(people.quoted)]}"#
    case .card(_, _, let uuid, _):
      #"{"actions":\#(actions)\#(uuid.map { #","uuid":"\#($0)""# } ?? "")}"#
    case .session(_, let fields):
      "{\(fields.sorted { $0.key < $1.key }.map { #""\#($0.key)":"\#($0.value)""# }.joined(separator: ","))}"
    case .shown(_, _, let reach): #"{"\#(reach.rawValue)":true}"#
    }
  }

  private var actions: String {
    #"[{"action":"delete_elements","params":{"element_ids":[\#(elements.quoted)]}}]"#
  }
}

extension [String] {
  fileprivate var quoted: String { map { #""\#($0)""# }.joined(separator: ",") }
}

/// A program that reads the queue, as anyone may with `sqlite3`.
final class Eye {
  let db: Connection

  init(_ path: String, on disk: SimulatedDisk) throws {
    disk.opener = SimulatedProcess()
    db = try Connection(path: path, mode: .readWrite)
  }

  /// Nil if the file does not contain a queue yet.
  func rows() throws -> [AskRow]? {
    let isThere = try db.first("select 1 from sqlite_schema where name = 'parcel'") { _ in true }
    guard isThere == true else { return nil }
    // Parts of asks by key have negative ids.
    return try db.all(
      "select id, outcome, reason, lane_id is not null from ask where id > 0 order by id"
    ) {
      AskRow(
        id: $0.int(0), end: $0.optionalText(1).flatMap(AskRecord.End.init), reason: $0.text(2),
        isFolded: $0.bool(3))
    }
  }

  func dead() throws -> [Int] {
    try db.all("select id from ask where outcome = 'dead' and id > 0") { $0.int(0) }
  }

  /// Lanes that wait for the answer to a call, or for the answer to be recorded.
  func lanesInFlight() throws -> Set<String> {
    Set(
      try db.all(
        """
        select account.name, lane.kind, lane.name
        from lane join account on account.id = account_id where call_id is not null
        """
      ) { "\($0.text(0)) \($0.text(1)) \($0.text(2))" })
  }

  func foldedAsk() throws -> Int {
    try db.first("select folded_ask from worker") { $0.int(0) } ?? 0
  }

  func refusedPeople() throws -> [String] {
    try db.all("select open_id from refused_person") { $0.text(0) }
  }

  /// Changes whenever another connection has committed.
  func version() throws -> Int { try db.first("pragma data_version") { $0.int(0) } ?? 0 }

  func integrity() throws -> String? {
    let words =
      try db.all("pragma integrity_check") { $0.text(0) }
      + db.all("pragma foreign_key_check") { "a row of \($0.text(0)) points nowhere" }
    return words == ["ok"] ? nil : words.joined(separator: ", ")
  }

  /// Lanes, and asks that are in no lane yet, that wait for a call.
  func pending() throws -> [(account: String, kind: String, name: String)] {
    try db.all(
      "select distinct account, kind, lane from queue where state <> 'expired' order by 1, 2, 3"
    ) { ($0.text(0), $0.text(1), $0.text(2)) }
  }

  /// The bodies of a card's batches as they are on disk.
  func parcels(of card: String) throws -> [String] {
    try db.all(
      "select body from parcel join lane on lane.id = lane_id where name = ?", .text(card)
    ) { $0.text(0) }
  }
}

/// A program that holds the write lock.
final class Holder {
  let until: Int
  private let connection: Connection

  init(_ path: String, until: Int, on disk: SimulatedDisk) throws {
    self.until = until
    disk.opener = SimulatedProcess()
    connection = try Connection(path: path, mode: .readWrite)
    try connection.execute("begin immediate")
  }
}
