/// Asks as rows that another queue can store.
package struct AskRows {
  /// A list of objects with the columns of `ask`.
  package let json: String

  /// Nothing is checked here: the other queue does that, in the same sentences.
  package init(_ asks: [Ask]) throws(QueueError) {
    try self.init { (queue: borrowing Connection) throws(StoreError) in
      for ask in asks { try queue.insert(ask) }
    }
  }

  /// Of lines in bulk.
  package init(_ lines: [String], _ common: BulkIntake.Common) throws(QueueError) {
    try self.init { (queue: borrowing Connection) throws(StoreError) in
      for line in lines { try BulkIntake.add(line: line, common, to: queue) }
    }
  }

  private init(
    insert: (borrowing Connection) throws(StoreError) -> Void
  ) throws(QueueError) {
    do throws(StoreError) {
      // The statements are those of a queue, and a queue's schema would take longer to make than the asks to store.
      let queue = try Connection(path: ":memory:", mode: .memory)
      try queue.run(
        script: """
          create table ask (
            id integer primary key, account text, kind text, lane text, body text, after_ms integer,
            expires_in_ms integer, urgent integer)
          """)
      try insert(queue)
      let rows = try queue.first(
        """
        select json_group_array(json_object(
          'account', account, 'kind', kind, 'lane', lane, 'body', body, 'after_ms', after_ms,
          'expires_in_ms', expires_in_ms, 'urgent', urgent))
        from (select * from ask order by id)
        """
      ) { (row) throws(StoreError) in row.text(0) }
      json = rows ?? "[]"
    } catch {
      throw QueueError(error, path: "in memory")
    }
  }
}

extension Connection {
  /// Actions go in as one JSON value, whatever they contain. Text that is not JSON becomes a string, which the schema
  /// refuses. So does text with a NUL, because SQLite would read only up to that.
  borrowing func insert(_ ask: Ask) throws(StoreError) {
    try execute(
      """
      insert into ask (account, kind, lane, after_ms, expires_in_ms, urgent, body)
      values (?1, ?2, ?3, ?4, ?5, ?8, iif(?7 is null, ?6, json_set(?6, '$.actions',
        json(iif(instr(?7, char(0)) = 0 and json_valid(?7), ?7, json_quote(?7))))))
      """, .text(ask.account), .text(ask.aim.rawValue), .text(ask.lane),
      .int(ask.after.milliseconds), .of(ask.expiresIn?.milliseconds), .text(ask.body),
      .of(ask.actions), .of(ask.isUrgent))
  }
}
