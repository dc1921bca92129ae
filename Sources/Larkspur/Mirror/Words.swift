import Planning

/// What a person has said to a shared queue. It is done there already; here it is done to what this run has of it.
extension WorkerStore {
  package func cancel(ask number: Int, at now: Moment) throws(StoreError) {
    guard let id = try localNumber(of: number) else { return }
    try db.execute(
      "update ask set outcome = 'cancelled', ended_ms = ? where id = ? and outcome is null",
      .of(now), .int(id))
    // Its lane is looked at before it is sent, for it may want less now.
    try db.execute(
      """
      update lane set expires_ms = 0
      where id = (select lane_id from ask where id = ?) and state <> 'idle'
      """, .int(id))
  }

  /// Users who were refused may be accepted now.
  package func retry(_ ask: SharedAsk) throws(StoreError) {
    try db.execute("delete from refused_person")
    try db.execute("update worker set control = control + 1")
    try insert(ask)
  }

  package func resume(account: String) throws(StoreError) {
    _ = try db.resume(account: account)
    try db.execute("update worker set control = control + 1")
  }
}
