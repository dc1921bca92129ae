import Planning

/// Adds asks to a queue. The schema itself checks them, so that every way in has the same checks.
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

  /// Stores asks, all or none, and returns their ids. When it returns, they are on disk.
  package borrowing func add(_ asks: some Collection<Ask>) throws(QueueError) -> [Int] {
    try perform { () throws(StoreError) in
      try db.transaction { () throws(StoreError) in
        var ids: [Int] = []
        for ask in asks {
          try db.insert(ask)
          ids.append(db.lastInsertID)
        }
        return ids
      }
    }
  }

  /// The state of an ask; nil if there is none with this id, or if it ended so long ago that it was
  /// deleted.
  package borrowing func state(of ask: Int) throws(QueueError) -> AskState? {
    try perform { () throws(StoreError) in
      try db.first("select outcome, reason from ask where id = ?", .int(ask)) {
        (row) throws(StoreError) in
        AskState(outcome: row.optionalText(0), reason: row.optionalText(1))
      }
    }
  }

  /// Whether a call for the ask is under way.
  package borrowing func isInFlight(ask: Int) throws(QueueError) -> Bool {
    try perform { () throws(StoreError) in
      try db.first(
        "select 1 from ask join lane on lane.id = lane_id where ask.id = ? and state = 'in_flight'",
        .int(ask)
      ) { (_) throws(StoreError) in true } ?? false
    }
  }

  /// Why the account is parked; nil if it is not.
  package borrowing func whyParked(_ account: String) throws(QueueError) -> String? {
    try perform { () throws(StoreError) -> String? in
      try db.first("select parked_why from account where name = ?", .text(account)) {
        (row) throws(StoreError) in row.optionalText(0)
      } ?? nil
    }
  }

  /// How long calls of this kind, or requests for the access tokens that they need, are paused, and
  /// why; nil if they are not.
  package borrowing func pause(
    of kind: Kind, _ account: String, isUrgent: Bool
  ) throws(QueueError) -> Pause? {
    if let pause = try pause(of: kind, account) { return pause }
    return isUrgent ? nil : try reserve(kind, account)
  }

  /// Until when the rest of the month's calls is kept for urgent asks.
  private borrowing func reserve(_ kind: Kind, _ account: String) throws(QueueError) -> Pause? {
    try perform { () throws(StoreError) in
      try db.first(
        """
        select (opening ->> '$.reserve') - now_ms
        from clock, budget join account on account.id = account_id
        where account.name = ? and api = ? and (opening ->> '$.reserve') > now_ms
        """, .text(account), .text(kind.rawValue)
      ) { (row) throws(StoreError) in
        Pause(
          milliseconds: row.int(0), why: "the rest of the month's calls is kept for urgent asks",
          isWaitedOut: false, isForOthers: true)
      }
    }
  }

  private borrowing func pause(
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

  /// Whether the id counter was wrong and has been repaired.
  private borrowing func areNumbersRepaired() throws(StoreError) -> Bool {
    try db.transaction { () throws(StoreError) in try db.repairNumbers() }
  }
}

/// A pause of the calls of one kind.
package struct Pause {
  package let milliseconds: Int
  package let why: String
  /// Whether `enqueue --wait` waits until the pause is over. It does not after three failed probes
  /// or ten failures, or if the pause lasts until next month.
  package let isWaitedOut: Bool
  /// Urgent asks are not held up by it.
  package let isForOthers: Bool

  package init(milliseconds: Int, why: String, isWaitedOut: Bool, isForOthers: Bool = false) {
    self.milliseconds = milliseconds
    self.why = why
    self.isWaitedOut = isWaitedOut
    self.isForOthers = isForOthers
  }
}

extension Duration {
  /// Whole milliseconds, rounded up so that nothing is sent a fraction too early.
  var milliseconds: Int {
    let (seconds, attoseconds) = components
    let fraction = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    let (whole, overflow) = Int(seconds).multipliedReportingOverflow(by: 1_000)
    let longest = 1_000_000_000_000_000
    if overflow || abs(whole) > longest { return seconds < 0 ? -longest : longest }
    return whole + Int(fraction)
  }
}
