import Planning

/// What a person may change. Nothing here touches what a call carries, so it is safe while a worker runs.
extension Inspector {
  /// Makes the worker read again what a person has changed.
  borrowing func tellWorker() throws(StoreError) {
    try db.execute("update worker set control = control + 1")
  }

  /// Which lanes a person means, in one account or in all.
  package enum Selection: Sendable {
    case lane(String, account: String?)
    case all(account: String?)
  }

  /// Retries dead asks. The worker folds them again, for the users who were not reached yet.
  /// `progress` is told how many so far and returns whether to continue.
  package borrowing func retry(
    _ selection: Selection, progress: (Int) -> Bool = { _ in true }
  ) throws(QueueError) -> Int {
    try perform { () throws(StoreError) in
      // Reading does not keep others from writing.
      let dead = try deadAsks(selection)
      if dead.isEmpty { return 0 }
      var retried = 0
      try db.transaction { () throws(StoreError) in
        // Users who were refused may be accepted now: the worker tries them again.
        try db.execute("delete from refused_person")
        try tellWorker()
      }
      try inSlices(dead) { (ask) throws(StoreError) in
        try db.execute(
          """
          update ask set outcome = null, ended_ms = null, lane_id = null, first_call = null,
            expires_ms = null, due_ms = (select newest_ms from worker)
          where id = ? and outcome = 'dead'
          """, .int(ask))
        retried += db.changes
      } isWanted: {
        progress(retried)
      }
      return retried
    }
  }

  private borrowing func deadAsks(_ selection: Selection) throws(StoreError) -> [Int] {
    let (name, account) = selection.parts
    guard let name else {
      return try db.all(
        """
        select id from ask indexed by asks_dead
        where outcome = 'dead' and (?1 is null or account = ?1)
        """, .of(account)
      ) { (row) throws(StoreError) in row.int(0) }
    }
    var asks = try db.all(
      """
      select id from ask indexed by asks_dead
      where outcome = 'dead' and lane_id is null and lane = ?1 and (?2 is null or account = ?2)
      """, .text(name), .of(account)
    ) { (row) throws(StoreError) in row.int(0) }
    for lane in try lanes(named: name, account: account) {
      asks += try db.all(
        "select id from ask indexed by asks_dead where outcome = 'dead' and lane_id = ?", .int(lane)
      ) { (row) throws(StoreError) in row.int(0) }
    }
    return asks
  }

  /// Resumes an account after a person has fixed what parked it, and ends its pauses. False if
  /// there is no such account.
  package borrowing func resume(account: String) throws(QueueError) -> Bool {
    try perform { () throws(StoreError) in
      try db.transaction { () throws(StoreError) in
        guard try db.resume(account: account) else { return false }
        try endSpans(of: account)
        try tellWorker()
        return true
      }
    }
  }

  /// The pauses and the parking of an account end now.
  private borrowing func endSpans(of account: String) throws(StoreError) {
    try db.execute(
      """
      update span set ended_ms = max(began_ms, (select now_ms from clock))
      where account_id = (select id from account where name = ?)
        and ifnull(ended_ms, 9e18) > (select now_ms from clock)
      """, .text(account))
  }

  /// Deletes asks and calls that ended longer ago than this, in short transactions. `progress` is
  /// told how many rows are gone so far and returns whether to continue.
  package borrowing func prune(
    olderThan_ms age: Int, progress: (Int) -> Bool
  ) throws(QueueError) -> (asks: Int, calls: Int) {
    try perform { () throws(StoreError) in
      let read = try db.first("select now_ms from clock") { (row) throws(StoreError) in
        row.moment(0)
      }
      let now = read ?? .zero
      var cursor = PruneCursor()
      guard progress(0) else { return (0, 0) }
      try inSlices { (rows) throws(StoreError) in
        let isDone = try History.prune(
          db, endedBefore: now - age,
          callsBefore: now - max(age, History.callsKept), rows: rows, &cursor)
        return isDone || !progress(cursor.asks + cursor.calls)
      }
      return (cursor.asks, cursor.calls)
    }
  }
}

extension Connection {
  /// False if there is no such account.
  borrowing func resume(account: String) throws(StoreError) -> Bool {
    try execute(
      "update account set parked = null, parked_why = null, probe_ms = null, refusals = 0 where name = ?",
      .text(account))
    guard changes > 0 else { return false }
    try execute(
      """
      update budget set paused_ms = 0, paused_why = null, paused_for = 'paused', opening = '{}',
        refused_mark = null, failures = 0, probes = null, foreign_ms = null, spent_month = null
      where account_id = (select id from account where name = ?)
      """, .text(account))
    return true
  }
}

extension Inspector.Selection {
  fileprivate var parts: (name: String?, account: String?) {
    switch self {
    case .lane(let name, let account): (name, account)
    case .all(let account): (nil, account)
    }
  }
}
