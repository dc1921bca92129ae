import Planning

extension WorkerStore {
  /// Leaves word of which accounts are configured and what they may do. `allowances` are JSON, by name.
  package func note(configured allowances: [(name: String, allowance: String)]) throws(StoreError) {
    let all = JSONText.object(allowances)
    try db.execute(
      """
      update account set configured = 0
      where configured is not 0 and name not in (select key from json_each(?))
      """, .text(all))
    try db.execute(
      """
      update account set configured = 1, limits = allowed.value
      from json_each(?) as allowed
      where account.name = allowed.key and (configured is not 1 or limits is not allowed.value)
      """, .text(all))
  }
}
