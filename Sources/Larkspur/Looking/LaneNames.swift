extension Inspector {
  /// An account may have no ask among millions of others.
  private static let asksLookedAt = 10_000

  /// Names of lanes that begin like this one, and of those that were asked for last.
  package borrowing func laneNames(
    like name: String, account: String?, atMost count: Int
  ) throws(QueueError) -> [String] {
    try perform { () throws(StoreError) in
      let begin = String(name.prefix(2))
      return try db.all(
        """
        select name from (
          -- Crossed, because SQLite would rather read all lanes.
          select lane.name from account cross join kind
          cross join lane on lane.account_id = account.id and lane.kind = kind.name
            and lane.name >= ?1 and lane.name < ?1 || char(1114111)
          where ?2 is null or account.name = ?2
          limit ?3)
        union
        select lane from (
          select lane from ask
          where id > (select max(id) from ask) - ?4 and (?2 is null or account = ?2)
          order by id desc limit ?3)
        """, .text(begin), .of(account), .int(count), .int(Self.asksLookedAt)
      ) { (row) throws(StoreError) in row.text(0) }
    }
  }
}
