// ?1 is what the names begin with, ?2 the account or null, ?3 how many at most.
extension KnownNames {
  var sql: String {
    let body =
      switch what {
      case .lanes: Self.pending
      case .dead: Self.dead
      case .held: "\(Self.pending) union \(Self.dead)"
      case .tokens:
        "\(Self.lanes(ofKind: "preview")) union \(Self.seen("name", in: "known_token"))"
      case .cards: Self.lanes(ofKind: "card")
      case .sessions: Self.lanes(ofKind: "session")
      case .keys: Self.seen("name", in: "known_key")
      case .urls: Self.seen("url", in: "known_token")
      case .accounts: Self.accounts
      }
    return "select distinct name from (\(body)) where name <> '' order by name limit ?3"
  }

  /// Rows that one search looks at. The user waits for it, so it must not grow with the queue.
  private static let most = 20_000

  private static func begins(_ column: String) -> String {
    "\(column) >= ?1 and \(column) < ?1 || char(1114111)"
  }

  /// Asks that are not in a lane yet are pending too.
  private static let pending = """
    select name from (
      select name, account_id from lane indexed by lanes_waiting_longest
      where since_ms is not null limit \(most))
    where \(begins("name"))
      and (?2 is null or account_id = (select id from account where name = ?2))
    union
    select name from (
      select lane.name, lane.state from account cross join kind
      cross join lane on lane.account_id = account.id and lane.kind = kind.name
        and \(begins("lane.name"))
      where ?2 is null or account.name = ?2
      limit \(most))
    where state <> 'idle'
    union
    select lane from ask
    where id > (select max(id) from ask) - \(most) and lane_id is null and outcome is null
      and \(begins("lane")) and (?2 is null or account = ?2)
    """

  private static let dead = """
    select name from (
      select lane as name, account from ask indexed by asks_dead where outcome = 'dead'
      limit \(most))
    where \(begins("name")) and (?2 is null or account = ?2)
    """

  private static func lanes(ofKind kind: String) -> String {
    """
    select name from (
      select lane.name from account
      cross join lane on lane.account_id = account.id and lane.kind = '\(kind)'
        and \(begins("lane.name"))
      where ?2 is null or account.name = ?2
      limit \(most))
    """
  }

  /// Crossed with the accounts, so that the names are looked up by an index.
  private static func seen(_ column: String, in table: String) -> String {
    """
    select name from (
      select seen.\(column) as name
      from (select name from account union select 'default') as account
      cross join \(table) as seen on seen.account = account.name and \(begins("seen.\(column)"))
      where ?2 is null or account.name = ?2
      limit \(most))
    """
  }

  private static let accounts = """
    select name from (
      select name from account
      union select account from ask where id > (select max(id) from ask) - \(most))
    where \(begins("name"))
    """
}
