import Planning

/// How asks get in. The checks are the schema's own, so that they are the same for every way in.
package struct Intake: ~Copyable {
  private let link: QueueLink
  package let path: String

  package init(queue path: String) throws(QueueError) {
    self.path = path
    link = try QueueLink(path, creating: true)
  }

  package var db: Connection {
    _read { yield link.db }
  }

  /// Writes down asks, all or none, and answers their ids. When it returns they are on disk.
  package borrowing func add(_ asks: some Collection<Ask>) throws(QueueError) -> [Int] {
    try perform { () throws(StoreError) in
      try db.transaction { () throws(StoreError) in
        var ids: [Int] = []
        for ask in asks {
          // Actions are put in as the one value they are, whatever they contain. What is not JSON
          // becomes a string, which the schema refuses; SQLite would read no further than a zero.
          try db.execute(
            """
            insert into ask (account, kind, lane, after_ms, expires_in_ms, body)
            values (?1, ?2, ?3, ?4, ?5, iif(?7 is null, ?6, json_set(?6, '$.actions',
              json(iif(instr(?7, char(0)) = 0 and json_valid(?7), ?7, json_quote(?7))))))
            """, .text(ask.account), .text(ask.kind.rawValue), .text(ask.lane),
            .int(ask.after.milliseconds), .of(ask.expiresIn?.milliseconds), .text(ask.body),
            .of(ask.actions))
          ids.append(db.lastInsertID)
        }
        return ids
      }
    }
  }

  /// How an ask stands; nil when there is none of this id, or it ended so long ago that it has been
  /// forgotten.
  package borrowing func state(of ask: Int) throws(QueueError) -> AskState? {
    try perform { () throws(StoreError) in
      try db.first("select outcome, reason from ask where id = ?", .int(ask)) {
        (row) throws(StoreError) in
        switch row.optionalText(0) {
        case "delivered": .delivered
        case "dead": .dead(reason: row.text(1))
        case "expired": .expired
        case "cancelled": .cancelled
        default: .open
        }
      }
    }
  }

  /// Why nothing of an account is sent until a person has acted; nil when it is not so.
  package borrowing func whyParked(_ account: String) throws(QueueError) -> String? {
    try perform { () throws(StoreError) -> String? in
      try db.first("select parked_why from account where name = ?", .text(account)) {
        (row) throws(StoreError) in row.optionalText(0)
      } ?? nil
    }
  }

  /// For how long calls of this kind stand still, or the access tokens that they need, and why; nil when
  /// they do not.
  package borrowing func pause(
    of kind: Kind, _ account: String
  ) throws(QueueError) -> Pause? {
    try perform { () throws(StoreError) in
      try db.first(
        """
        select paused_ms - now_ms, paused_why, failures, probes, spent_month is not null
        from clock, budget join account on account.id = account_id
        where account.name = ? and api in (?, 'auth') and paused_ms > now_ms
        order by probes is null, probes desc limit 1
        """, .text(account), .text(kind.rawValue)
      ) { (row) throws(StoreError) in
        var health = Health()
        health.failures = row.int(2)
        health.probes = row.optionalInt(3)
        return Pause(
          milliseconds: row.int(0), why: row.text(1),
          isWaitedOut: !health.isHopeless && !row.bool(4))
      }
    }
  }

  borrowing func perform<Result>(
    _ body: () throws(StoreError) -> Result
  ) throws(QueueError) -> Result {
    try link.perform { () throws(StoreError) in
      do throws(StoreError) {
        return try body()
      } catch {
        guard error.mayBeOfNumbers, try areNumbersRepaired() else { throw error }
        return try body()
      }
    }
  }

  /// Whether the counter of ids was wrong, and is right now.
  private borrowing func areNumbersRepaired() throws(StoreError) -> Bool {
    try db.transaction { () throws(StoreError) in try db.repairNumbers() }
  }
}

/// Calls of one kind that stand still.
package struct Pause {
  package let milliseconds: Int
  package let why: String
  /// Whether a program that has an end waits for it: not after three failed probes, nor for the next
  /// month.
  package let isWaitedOut: Bool
}

extension Duration {
  /// Whole milliseconds, rounded up: nothing is sent too early for a fraction.
  var milliseconds: Int {
    let (seconds, attoseconds) = components
    let fraction = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    let (whole, overflow) = Int(seconds).multipliedReportingOverflow(by: 1_000)
    let longest = 1_000_000_000_000_000
    if overflow || abs(whole) > longest { return seconds < 0 ? -longest : longest }
    return whole + Int(fraction)
  }
}
