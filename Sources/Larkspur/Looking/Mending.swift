import Planning

/// What a person may change: each is one transaction that touches only what no call carries, so that
/// it is safe beside a worker. `worker.control` grows with what the worker has to look at anew.
extension Inspector {
  /// Which lanes a person means, in one account or in all.
  package enum Selection: Sendable {
    case lane(String, account: String?)
    case all(account: String?)
  }

  /// What was cancelled, and what could not be because it is on its way.
  package struct Cancelled: Equatable, Sendable {
    package var asks = 0
    package var callsUnderWay = 0
  }

  /// Wants dead asks again. The worker folds them anew, for those who were not reached yet.
  package borrowing func retry(_ selection: Selection) throws(QueueError) -> Int {
    let (name, account) = selection.parts
    return try perform { () throws(SQLiteError) in
      try db.transaction { () throws(SQLiteError) in
        try db.execute(
          """
          update ask set outcome = null, ended_ms = null, lane_id = null, round = null,
            expires_ms = null, due_ms = (select newest_ms from worker)
          where outcome = 'dead'
            and (?1 is null or lane = ?1) and (?2 is null or account = ?2)
          """, .of(name), .of(account))
        let retried = db.changes
        if retried > 0 {
          // Whoever was refused may be let in now: the worker finds out anew.
          try db.execute("delete from refused_person")
          try db.execute("update worker set control = control + 1")
        }
        return retried
      }
    }
  }

  /// Takes back everything a lane still wants, and what is dead in it. What a call carries right now
  /// cannot be taken back.
  package borrowing func cancel(
    lane name: String, account: String?
  ) throws(QueueError) -> Cancelled {
    try perform { () throws(SQLiteError) in
      try db.transaction { () throws(SQLiteError) in
        var cancelled = Cancelled()
        try db.execute(
          """
          update ask set outcome = 'cancelled', reason = null, refused = null,
            ended_ms = (select now_ms from clock)
          where lane = ?1 and (?2 is null or account = ?2) and (outcome is null or outcome = 'dead')
            and not exists (select 1 from lane
              where lane.id = ask.lane_id and lane.state = 'in_flight' and ask.outcome is null
                and iif(lane.kind = 'preview', ask.round <= lane.round,
                  exists (select 1 from parcel, json_each(parcel.asks) as packed
                    where parcel.lane_id = lane.id and packed.value = ask.id)))
          """, .text(name), .of(account))
        cancelled.asks = db.changes
        try db.execute(
          """
          delete from parcel where lane_id in (
            select id from lane where name = ?1 and state = 'waiting'
              and (?2 is null or account_id = (select id from account where name = ?2)))
          """, .text(name), .of(account))
        try db.execute(
          """
          update lane set state = 'idle', audience_id = null, wide = 0, since_ms = null,
            slot_ms = max(slot_ms, (select newest_ms from worker)), ready_ms = null,
            expires_ms = null, attempts = 0, evidence = null, failed_ms = null,
            failing_ms = null, limits = 0,
            error = null, group_id = null, people_max = null, strikes = 0, proven = 0
          where name = ?1 and state = 'waiting'
            and (?2 is null or account_id = (select id from account where name = ?2))
          """, .text(name), .of(account))
        try db.execute(
          """
          update lane set follow_id = null
          where name = ?1 and state = 'in_flight'
            and (?2 is null or account_id = (select id from account where name = ?2))
          """, .text(name), .of(account))
        cancelled.callsUnderWay = db.changes
        try db.execute("update worker set control = control + 1")
        return cancelled
      }
    }
  }

  /// A person has mended what parked an account, or wants its pauses to end. False when there is no
  /// such account.
  package borrowing func resume(account: String) throws(QueueError) -> Bool {
    try perform { () throws(SQLiteError) in
      try db.transaction { () throws(SQLiteError) in
        try db.execute(
          "update account set parked = null, parked_why = null, probe_ms = null, refusals = 0 where name = ?",
          .text(account))
        guard db.changes > 0 else { return false }
        try db.execute(
          """
          update budget set paused_ms = 0, paused_why = null, refused_mark = null, failures = 0,
            probes = null, foreign_ms = null, spent_month = null
          where account_id = (select id from account where name = ?)
          """, .text(account))
        try db.execute("update worker set control = control + 1")
        return true
      }
    }
  }

  /// Forgets what ended longer ago than this, in short transactions. `progress` hears how many rows
  /// are gone so far and answers whether to go on.
  package borrowing func prune(
    olderThan_ms age: Int, progress: (Int) -> Bool
  ) throws(QueueError) -> (asks: Int, calls: Int) {
    try perform { () throws(SQLiteError) in
      let now = try db.first("select now_ms from clock") { (row) throws(SQLiteError) in row.int(0) }
      var cursor = PruneCursor()
      var isDone = false
      while !isDone && progress(cursor.asks + cursor.calls) {
        isDone = try db.transaction { () throws(SQLiteError) in
          try History.prune(
            db, endedBefore: (now ?? 0) - age,
            callsBefore: (now ?? 0) - max(age, History.callsKept), &cursor)
        }
      }
      return (cursor.asks, cursor.calls)
    }
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
