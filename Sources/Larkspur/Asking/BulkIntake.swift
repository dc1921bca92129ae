import Planning

/// Asks of one kind in bulk, one JSON object per line: `{"token":"…","open_ids":["…"]}`. The key
/// that names the lane is removed, and the rest is the body.
///
/// All lines are first checked against the schema in memory, and then written in short
/// transactions, so that other programs never wait long.
package enum BulkIntake {
  /// Some milliseconds of work.
  package static let linesPerTransaction = 500
  /// A line may hold megabytes: a transaction ends at this size as well.
  package static let bytesPerTransaction = 1_000_000

  /// The statement that both passes run: the first one on a queue in memory, the second on the real
  /// one.
  static func add(
    line: String, _ common: Common, to db: borrowing Connection
  ) throws(StoreError) {
    try db.execute(
      """
      insert into ask (account, kind, lane, body, after_ms, expires_in_ms, urgent)
      values (?2, ?3, json_extract(?1, ?4), json_remove(?1, ?4, '$.urgent'), ?5, ?6,
        ifnull(json_extract(?1, '$.urgent'), ?7))
      """, .text(line), .text(common.account), .text(common.aim.rawValue),
      .text("$.\(common.aim.laneKey)"), .int(common.after_ms), .of(common.expiresIn_ms),
      .of(common.isUrgent))
  }

  /// What is the same for all lines.
  package struct Common: Sendable {
    package var aim: Aim
    package var account = "default"
    package var after_ms = 0
    package var expiresIn_ms: Int?
    /// Lines may say otherwise.
    package var isUrgent = false

    package init(_ aim: Aim) { self.aim = aim }
  }

  /// Finds out what is wrong with lines, without writing anything.
  package struct Checker: ~Copyable {
    private let db: Connection
    package var common: Common
    private var lines = 0
    private var bytes = 0

    package init(_ common: Common) throws(QueueError) {
      self.common = common
      db = try Self.queue()
    }

    private static func queue() throws(QueueError) -> Connection {
      let queue = try QueueFile.inMemory()
      do throws(StoreError) {
        // The trigger would run for each row that is thrown away, and there is no worker here that
        // needs it.
        try queue.run(script: "drop trigger ask_deleted_is_cancelled")
      } catch {
        throw QueueError(error, path: ":memory:")
      }
      return queue
    }

    /// Also the message for a line that ends in the middle.
    package static let notAnObject = "it is not a JSON object"

    /// What is wrong with the line, or nil.
    package mutating func refusal(of line: String) -> String? {
      do throws(StoreError) {
        if let shape = try shapeProblem(line) { return shape }
        try BulkIntake.add(line: line, common, to: db)
        lines += 1
        bytes += line.utf8.count
        // The rows are not needed. Deleting them now and then keeps the memory small.
        if lines == BulkIntake.linesPerTransaction || bytes > BulkIntake.bytesPerTransaction {
          try db.execute("delete from ask")
          lines = 0
          bytes = 0
        }
        return nil
      } catch {
        return error.message
      }
    }

    private func shapeProblem(_ line: String) throws(StoreError) -> String? {
      let key = common.aim.laneKey
      // One statement, so that SQLite parses the line once.
      let shape = try db.first(
        #"""
        select instr(replace(?1, '\\', ''), '\u0000'), iif(json_valid(?1), json_type(?1), null),
          iif(json_valid(?1), json_type(?1, ?2), null),
          iif(json_valid(?1), json_type(?1, '$.urgent'), null)
        """#, .text(line), .text("$.\(key)")
      ) { (row) throws(StoreError) in
        (
          hasZero: row.bool(0), type: row.optionalText(1), name: row.optionalText(2),
          urgent: row.optionalText(3)
        )
      }
      guard let shape else { return nil }
      // SQLite reads a string in JSON only up to a NUL, and a name cut short is another name.
      if shape.hasZero { return "it contains \\u0000, which no \(common.aim.names) has" }
      guard shape.type == "object" else { return Self.notAnObject }
      if let urgent = shape.urgent, urgent != "true", urgent != "false" {
        return "its \"urgent\" is not true or false"
      }
      return switch shape.name {
      case "text": nil
      case nil: "it has no \"\(key)\""
      default: "its \"\(key)\" is not a string"
      }
    }
  }

  /// Writes lines that have been checked, in one transaction; returns the first and the last id.
  package static func write(
    _ lines: [String], _ common: Common, to intake: borrowing Intake
  ) throws(QueueError) -> ClosedRange<Int>? {
    if lines.isEmpty { return nil }
    return try intake.perform { () throws(StoreError) in
      try intake.db.transaction { () throws(StoreError) in
        var ids: ClosedRange<Int>?
        for line in lines {
          try add(line: line, common, to: intake.db)
          let id = intake.db.lastInsertID
          ids = (ids?.lowerBound ?? id)...id
        }
        return ids
      }
    }
  }
}

extension Aim {
  /// The key that names the lane in a line.
  fileprivate var laneKey: String { self == .preview ? "token" : rawValue }

  /// What cannot contain a NUL, as the message calls it.
  fileprivate var names: String {
    switch self {
    case .preview: "token or open_id"
    case .previews(.url): "URL"
    case .lane, .previews: rawValue
    }
  }
}
